"""The plate of a printer: a person, or an allowed ejector, makes it clear, and only the one they saw."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.trail import Actor, acting, record
from orgs import agenda
from orgs.current import current_org
from printers import history, live
from printers.models import Printer
from stations.models import Plate, Station

EJECTOR = Actor(None, "ejector", "ejector")


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
        history.note(printer_id)
        transaction.on_commit(lambda: live.touch(org.pk, [printer_id]), robust=True)


def ejected(printer_id: UUID, *, printed_epoch: int) -> None:
    """After a completed print: clear if the printer may eject and nothing else happened to its plate.

    `printed_epoch` is the plate's since the start of that print. Call it last in the transaction of its end,
    the station locked and free.
    """
    printer = Printer.objects.filter(pk=printer_id, ejects=True).first()
    if printer is None:
        return
    plate = Station.objects.filter(
        pk=printer_id, plate_epoch=printed_epoch, plate=Plate.OCCUPIED, hold=None, deleted_at=None
    )
    if plate.update(plate=Plate.CLEAR, plate_epoch=F("plate_epoch") + 1):
        with acting(EJECTOR):
            record(
                "printer.plate_cleared",
                printer,
                before={"plate": Plate.OCCUPIED.value},
                after={"plate": Plate.CLEAR.value},
            )


def occupied(printer_id: UUID) -> None:
    """Note that a person saw something on the plate. It is always believed, whatever happened since.

    The epoch goes up in any case: should a start turn out refused, the plate must not become clear again.
    """
    org = current_org()
    with transaction.atomic():
        station = Station.objects.select_for_update(no_key=True).get(
            pk=printer_id, owner=org, deleted_at=None
        )
        Station.objects.filter(pk=printer_id).update(plate=Plate.OCCUPIED, plate_epoch=F("plate_epoch") + 1)
        record(
            "printer.plate_occupied",
            Printer.objects.get(pk=printer_id),
            before={"plate": station.plate},
            after={"plate": Plate.OCCUPIED.value},
        )
        history.note(printer_id)
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
