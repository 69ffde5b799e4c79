"""Correcting what is left on a spool by weighing it."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.trail import record

from .consumption import CENTIGRAM, consume
from .models import MOST_REEL_G, Spool, Usage
from .news import loaded_changed, stock_changed
from .refusing import OutOfRange

# Makers wind on a little more than they print on the box.
TOLERANCE = Decimal("0.05")


def most_g(spool: Spool) -> Decimal:
    """The heaviest that can be believed, in grams of filament."""
    return (spool.initial_g * (1 + TOLERANCE)).quantize(CENTIGRAM)


def weigh(spool: Spool, grams_left: Decimal) -> Usage:
    """Let `spool` have `grams_left` of filament (without the reel), by a line in its ledger.

    OutOfRange below zero and above what a new spool can weigh.
    """
    with transaction.atomic():
        locked = _held(spool)
        _check(locked, grams_left)
        usage = _correct(locked, grams_left.quantize(CENTIGRAM), {}, {})
    spool.used_g = locked.used_g
    return usage


def weigh_with_reel(spool: Spool, grams: Decimal, reel_g: Decimal | None = None) -> Usage:
    """Let `spool` weigh `grams` on its reel; `reel_g`, of the empty reel, is remembered; None: as known.

    OutOfRange as for `weigh`, and where the reel is not known or heavier than all.
    """
    with transaction.atomic():
        locked = _held(spool)
        before = locked.reel_g
        reel_g = before if reel_g is None else reel_g
        if reel_g is None:
            raise OutOfRange(_("Say what the empty reel weighs, or weigh the filament alone."))
        if not reel_g.is_finite() or not 0 <= reel_g <= MOST_REEL_G:
            raise OutOfRange(_("An empty reel weighs between 0 g and 5000 g."))
        reel_g = reel_g.quantize(CENTIGRAM)
        if grams.is_finite() and 0 <= grams < reel_g:
            words = _("The empty reel alone weighs %(reel)s g, so the whole can't weigh less.")
            raise OutOfRange(words % {"reel": reel_g})
        grams_left = grams - reel_g
        _check(locked, grams_left)
        Spool.objects.filter(pk=locked.pk).update(reel_g=reel_g)
        usage = _correct(locked, grams_left.quantize(CENTIGRAM), {"reel_g": before}, {"reel_g": reel_g})
    spool.used_g, spool.reel_g = locked.used_g, reel_g
    return usage


def _held(spool: Spool) -> Spool:
    held = Spool.objects.select_for_update(no_key=True, of=("self",))
    return held.select_related("slot", "filament").get(pk=spool.pk)


def _correct(spool: Spool, grams_left: Decimal, before: dict[str, Any], after: dict[str, Any]) -> Usage:
    """The line that makes it so; the caller holds the spool's row."""
    left_g, taken = spool.left_g, spool.initial_g - spool.used_g - grams_left
    usage = consume(spool, taken, f"weighed:{uuid7()}", kind=Usage.Kind.WEIGHED)
    stock_changed()
    record(
        "spool.weigh",
        spool,
        before={"grams_left": left_g, **before},
        after={"grams_left": grams_left, **after},
    )
    if spool.slot:
        loaded_changed([spool.slot.printer_id])
    spool.used_g = spool.initial_g - grams_left
    return usage


def _check(spool: Spool, grams_left: Decimal) -> None:
    if not grams_left.is_finite():
        raise OutOfRange(_("Give the grams that are left as a number."))
    if grams_left < 0:
        raise OutOfRange(
            _("A spool can't have less than 0 g left. Weigh it again without the reel's weight.")
        )
    most = most_g(spool)
    if grams_left > most:
        words = _(
            "The spool had %(initial)g g when new, so more than %(most)g g can't be left. Take off the reel."
        )
        raise OutOfRange(words % {"initial": spool.initial_g, "most": most})
