"""The plate of a printer: only a person makes it clear, and only the one they saw."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.trail import record
from orgs import agenda
from orgs.current import current_org
from printers import live
from printers.models import Printer
from stations.models import Plate, Station


class StalePlate(Exception):
    """The plate is no longer as it was seen; the message says what happened."""


def clear(printer_id: UUID, *, seen_epoch: int) -> None:
    """Note that a person saw the plate empty, having seen the page of `seen_epoch`.

    StalePlate if something happened to the plate since, or if the printer is held for a print.
    Raises Station.DoesNotExist for a printer that is not this organisation's.
    """
    org = current_org()
    with transaction.atomic():
        station = Station.objects.get(pk=printer_id, owner=org, deleted_at=None)
        changed = Station.objects.filter(pk=printer_id, plate_epoch=seen_epoch, hold=None).update(
            plate=Plate.CLEAR, plate_epoch=F("plate_epoch") + 1
        )
        if not changed:
            raise StalePlate(_why_not(printer_id, seen_epoch))
        record(
            "printer.plate_cleared",
            Printer.objects.get(pk=printer_id),
            before={"plate": station.plate},
            after={"plate": Plate.CLEAR.value},
        )
        agenda.due_now("jobs.match")
        transaction.on_commit(lambda: live.touch(org.pk, [printer_id]), robust=True)


def mark(printer_id: UUID, plate: Plate) -> None:
    """Note that something is, or may be, on the plate; nothing happens where that is known already."""
    if plate == Plate.CLEAR:
        raise ValueError("a plate is made clear by a person: use clear()")
    stations = Station.objects.filter(pk=printer_id).exclude(plate=plate)
    with transaction.atomic():
        if stations.update(plate=plate, plate_epoch=F("plate_epoch") + 1):
            owner = Station.objects.values_list("owner_id", flat=True).get(pk=printer_id)
            transaction.on_commit(lambda: live.touch(owner, [printer_id]), robust=True)


def _why_not(printer_id: UUID, seen_epoch: int) -> str:
    now = Station.objects.get(pk=printer_id)
    if now.hold_id:
        return _("This printer is taken for a print. Its plate can be cleared once that has ended.")
    if now.plate == Plate.CLEAR:
        return _("Somebody else has already said that this plate is clear.")
    return _("Something happened on this printer since the page was loaded. Look at the plate again.")
