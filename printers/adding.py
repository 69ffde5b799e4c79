"""Adding, changing and deleting printers: the organisation's row and the public station together."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from audit.trail import record
from orgs import agenda
from orgs.current import current_org
from printers import history, live
from printers.credentials import seal
from printers.drivers import DRIVERS
from printers.link_requests import tell_changed
from printers.models import Printer, Slot, Tag
from printers.reaching import AddressRefused, check_address, driver_class
from stations.models import Plate, Station

RECORDED = (
    "name", "protocol", "model", "address", "port", "file_port", "prefix", "tls", "serial", "user",
    "bed_x_mm", "bed_y_mm", "bed_z_mm", "nozzle_mm", "hardened_nozzle", "location", "enabled",
    "out_of_service_reason", "auto_queue", "rate_per_hour", "notes", "bed_form", "bed_tolerance_mm", "ejects",
)  # fmt: skip
# Where one of these changes, the machine behind may be another one.
WHEREABOUTS = ("protocol", "address", "port", "serial")


class AlreadyThere(Exception):
    """The machine, or a printer of this name, has been added before; the message never says by whom."""


class StillHeld(Exception):
    """A printer is taken for a print and cannot be deleted now."""


def add(
    printer: Printer, *, secret: str = "", machine_key: str = "", tags: Iterable[Tag] = (), slots: int = 1
) -> Printer:
    """Save a new printer (given unsaved) with its station and `slots` empty slots. Raises AlreadyThere.

    `machine_key` is what a connection test found out (Detected.machine_key); without it the serial number,
    else the resolved address and port tell machines apart.
    """
    printer.pk = uuid7()
    printer.secret = seal(secret if _takes_secret(printer) else "")
    key = machine_key or address_key(printer)
    with _said_clearly(), transaction.atomic():
        Station.objects.create(
            pk=printer.pk,
            owner=current_org(),
            name=printer.name,
            protocol=printer.protocol,
            machine_key=key,
            enabled=printer.enabled,
        )
        printer.save(force_insert=True)
        chosen = list(tags)
        printer.tags.set(chosen)
        Slot.objects.bulk_create(Slot(printer=printer, index=index) for index in range(slots))
        record("printer.add", printer, after=_values(printer, [tag.name for tag in chosen]))
        _announce(printer.pk)
    return printer


def change(
    printer: Printer,
    *,
    secret: str | None = None,
    machine_key: str = "",
    tags: Iterable[Tag] | None = None,
) -> Printer:
    """Save a printer with its fields set; None leaves the secret or the tags alone. Raises AlreadyThere.

    Another machine behind it, or another secret, makes the remembered certificate void unless the caller set
    a new one.
    """
    with _said_clearly(), transaction.atomic():
        # The station first, as everywhere.
        Station.objects.select_for_update(no_key=True).filter(pk=printer.pk).first()
        old = Printer.objects.select_for_update(no_key=True).get(pk=printer.pk)
        # A print may have ended since the page was loaded.
        printer.failed_in_row, printer.held_at = old.failed_in_row, old.held_at
        before = _values(old, _tag_names(old))
        moved = any(getattr(old, name) != getattr(printer, name) for name in WHEREABOUTS)
        if moved and printer.fingerprint == old.fingerprint:
            printer.fingerprint = ""
        if not _takes_secret(printer):
            printer.secret = ""
        elif secret is not None:
            printer.secret = seal(secret)
        printer.save()
        if tags is not None:
            printer.tags.set(list(tags))
        station: dict[str, Any] = {
            "name": printer.name,
            "protocol": printer.protocol,
            "enabled": printer.enabled,
        }
        stations = Station.objects.filter(pk=printer.pk, owner=current_org())
        if machine_key or moved:
            key = station["machine_key"] = machine_key or address_key(printer)
            # Nobody has seen the plate of what may be another machine.
            stations.exclude(machine_key=key).update(
                plate=Plate.UNKNOWN, plate_epoch=F("plate_epoch") + 1, last_key=""
            )
        stations.update(**station)
        after = _values(printer, _tag_names(printer))
        record(
            "printer.change", printer, before=before, after=after | ({"secret": "changed"} if secret else {})
        )
        _announce(printer.pk)
    return printer


def delete(printer: Printer) -> None:
    """Delete a printer; its station stays as a tombstone. StillHeld while it is taken for a print."""
    org = current_org()
    with transaction.atomic():
        free = Station.objects.filter(pk=printer.pk, owner=org, hold=None, deleted_at=None)
        if not free.update(deleted_at=timezone.now(), enabled=False):
            raise StillHeld(
                _("%(name)s is taken for a print. Delete it when that has ended.") % {"name": printer}
            )
        record("printer.delete", printer, before=_values(printer, _tag_names(printer)))
        pk = printer.pk
        history.close(pk)
        printer.delete()
        agenda.due_now("maintenance.look")
        agenda.due_now("jobs.match")
        transaction.on_commit(lambda: live.forget(org.pk, pk), robust=True)
        transaction.on_commit(lambda: tell_changed(pk), robust=True)


def _announce(printer_id: UUID) -> None:
    """Let queue, pages and the process that holds its link know."""
    org = current_org()
    # In this order everywhere: both rows are locked.
    agenda.due_now("maintenance.look")
    agenda.due_now("jobs.match")
    history.note(printer_id)
    transaction.on_commit(lambda: live.touch(org.pk, [printer_id]), robust=True)
    transaction.on_commit(lambda: tell_changed(printer_id), robust=True)


def identify(printer: Printer, machine_key: str) -> None:
    """Note which machine answers for a printer that was saved before anything had answered there.

    If it is one that is here already, under whomever, this printer is put out of service instead.
    """
    machine_key = machine_key or address_key(printer)
    with transaction.atomic():
        station = Station.objects.select_for_update(no_key=True).get(pk=printer.pk, owner=current_org())
        if is_identified(printer, station):
            return
        taken = Station.objects.filter(machine_key=machine_key, deleted_at=None)
        try:
            with transaction.atomic():
                if not taken.exclude(pk=station.pk).exists():
                    Station.objects.filter(pk=station.pk).update(machine_key=machine_key)
                    return
        except IntegrityError:
            pass  # Somebody added it in this moment.
        reason = _("This machine has been added to this server already, as another printer.")
        before = {"out_of_service_reason": printer.out_of_service_reason}
        Printer.objects.filter(pk=printer.pk).update(out_of_service_reason=reason)
        record("printer.change", printer, before=before, after={"out_of_service_reason": reason})
        _announce(printer.pk)


def is_identified(printer: Printer, station: Station) -> bool:
    """Whether the machine itself told the key, and it is not just what was typed."""
    port = printer.port or driver_class(printer.protocol).default_port
    return station.machine_key != printer.serial and not station.machine_key.endswith(f":{port}")


def address_key(printer: Printer) -> str:
    """What stands for the machine while it has not told who it is: its serial number, else its address."""
    if printer.serial:
        return printer.serial
    driver = driver_class(printer.protocol)
    try:
        host = check_address(printer.address)
    except AddressRefused:
        # Saved although nothing answers there: a name nobody knows yet is its own identity.
        host = printer.address.lower()
    return f"{host}:{printer.port or driver.default_port}"[:120]


def _takes_secret(printer: Printer) -> bool:
    """Whether the protocol knows a secret: what nobody needs is not kept."""
    driver = DRIVERS.get(printer.protocol)
    return driver is None or driver.takes_secret


def _values(printer: Printer, tags: list[str]) -> dict[str, Any]:
    return {name: getattr(printer, name) for name in RECORDED} | {"tags": tags}


def _tag_names(printer: Printer) -> list[str]:
    return list(printer.tags.values_list("name", flat=True))


@contextmanager
def _said_clearly() -> Iterator[None]:
    """AlreadyThere instead of the database's words for the two things that must be unique."""
    try:
        yield
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if constraint == "stations_station_machine_once":
            words = _("This machine has been added to this server already.")
        elif constraint == "printers_printer_name_ci":
            words = _("There is a printer of this name already. Give it another one.")
        else:
            raise
        raise AlreadyThere(words) from None
