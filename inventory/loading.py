"""Which spool is in which slot: a spool in at most one, a slot with at most one."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import record
from printers.models import Slot

from .models import Spool
from .news import loaded_changed
from .refusing import Refused


def load(spool: Spool, slot: Slot) -> Spool | None:
    """Put `spool` into `slot`; return the other spool that had to leave it, None if it was free.

    Refused for an archived spool. A repeat changes nothing.
    """
    with transaction.atomic():
        # The slot first: two spools loaded into it at once take turns instead of breaking its uniqueness.
        slot = (
            Slot.objects.select_for_update(of=("self",), no_key=True)
            .select_related("printer")
            .get(pk=slot.pk)
        )
        held = Spool.objects.select_for_update(of=("self",), no_key=True)
        found = held.filter(Q(pk=spool.pk) | Q(slot=slot)).select_related("filament", "slot__printer")
        by_pk = {one.pk: one for one in found.order_by("pk")}
        locked = by_pk.pop(spool.pk)
        if locked.archived_at:
            raise Refused(_("Spool #%(number)d is archived. Restore it first.") % {"number": locked.number})
        if locked.slot_id == slot.pk:
            return None
        other = next(iter(by_pk.values()), None)
        if other is not None:
            _leave(other)
        left = locked.slot
        locked.slot = slot
        locked.opened_at = locked.opened_at or timezone.now()
        locked.save(update_fields=["slot", "opened_at"])
        record("spool.load", locked, before={"slot": left}, after={"slot": slot})
        loaded_changed({slot.printer_id, *([left.printer_id] if left else [])})
    spool.slot, spool.opened_at = locked.slot, locked.opened_at
    return other


def unload(spool: Spool) -> bool:
    """Take `spool` out of its slot; False if it was in none."""
    with transaction.atomic():
        held = Spool.objects.select_for_update(of=("self",), no_key=True)
        locked = held.select_related("filament", "slot__printer").get(pk=spool.pk)
        slot = locked.slot
        if slot is not None:
            _leave(locked)
            loaded_changed([slot.printer_id])
    spool.slot = None
    return slot is not None


def _leave(spool: Spool) -> None:
    """Its slot is free afterwards; the caller holds the spool's row and tells of it."""
    slot, spool.slot = spool.slot, None
    spool.save(update_fields=["slot"])
    record("spool.unload", spool, before={"slot": slot}, after={"slot": None})
