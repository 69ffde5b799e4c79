"""Correcting what is left on a spool by weighing it."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.trail import record

from .consumption import CENTIGRAM, consume
from .models import Spool, Usage
from .news import loaded_changed
from .refusing import OutOfRange

# Makers wind on a little more than they print on the box.
TOLERANCE = Decimal("0.05")
WEIGHED = "weighed"


def most_g(spool: Spool) -> Decimal:
    """The heaviest that can be believed, in grams of filament."""
    return (spool.initial_g * (1 + TOLERANCE)).quantize(CENTIGRAM)


def weigh(spool: Spool, grams_left: Decimal) -> Usage:
    """Let `spool` have `grams_left` of filament (without the reel), by a line in its ledger.

    OutOfRange below zero and above what a new spool can weigh.
    """
    with transaction.atomic():
        locked = (
            Spool.objects.select_for_update(no_key=True, of=("self",)).select_related("slot").get(pk=spool.pk)
        )
        _check(locked, grams_left)
        grams_left = grams_left.quantize(CENTIGRAM)
        before = locked.left_g
        taken = locked.initial_g - locked.used_g - grams_left
        usage = consume(locked, taken, f"{WEIGHED}:{uuid7()}", note=WEIGHED)
        record("spool.weigh", locked, before={"grams_left": before}, after={"grams_left": grams_left})
        if locked.slot:
            loaded_changed([locked.slot.printer_id])
    spool.used_g = locked.initial_g - grams_left
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
