"""What becomes of a status that a printer has told, whether it was asked or pushed."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from alerts.kinds import Kind
from alerts.raising import raise_alert, resolve
from gateway.identity import ask_who
from inventory import rfid
from jobs.following import follow
from jobs.heating import WARM, forget
from jobs.strangers import after_gap
from orgs import agenda
from orgs.models import Org
from printers import history, live, telemetry
from printers.drivers.driver import MachineState, Status, Tray
from printers.models import Printer, Slot
from printers.states import has_fault

TOLD = ("material", "color", "tag", "kind", "is_filled")
FREE = (MachineState.IDLE, MachineState.FINISHED)
# Longer than a status of any protocol is believed: what was not heard for that long may have printed unseen.
GAP = timedelta(seconds=100)


def ingest(
    org: Org, printer_id: UUID, status: Status, *, link_epoch: int | None = None, problem: str = ""
) -> bool:
    """Show `status`, and act on what changed since the one before; False if a newer link has taken over.

    Nothing but Redis is asked while nothing changes, except once a minute for an organisation that prints.
    If acting fails, the record is forgotten, so that the next status counts as a change again; the error goes
    on to the caller.
    """
    try:
        before = live.swap(org.pk, printer_id, status, link_epoch=link_epoch, problem=problem)
    except live.StaleLink:
        return False
    gap = before is None or datetime.now(UTC) - before.updated_at > GAP
    last = before.status if before else None
    known = None if gap else last
    is_news = known is None or facts_of(known) != facts_of(status)
    with ExitStack() as undo:
        if is_news:
            undo.callback(live.forget, org.pk, printer_id)
        _measure(org, printer_id, status)
        if is_news:
            with tenant_context(org):
                _act(printer_id, known, last, status, problem)
                silent = before is not None and known is None
                history.note(
                    printer_id, status=status, unheard_since=before.updated_at if before and silent else None
                )
        undo.pop_all()
    return True


def _measure(org: Org, printer_id: UUID, status: Status) -> None:
    if telemetry.collect(org.pk, printer_id, status):
        with tenant_context(org):
            agenda.due_at("printers.keep_readings", timezone.now() + telemetry.MINUTE)


def facts_of(status: Status) -> tuple[object, ...]:
    """What is acted on; the rest is only shown."""
    return (
        status.state, status.outcome, status.job_key, status.file, status.full,
        status.faults, [(tray.index, *_said(tray)) for tray in status.trays],
    )  # fmt: skip


def _act(printer_id: UUID, before: Status | None, last: Status | None, status: Status, problem: str) -> None:
    """`before` is the status before this one, None if that is long ago; `last` is it in any case."""
    printer = Printer.objects.filter(pk=printer_id).first()
    if printer is None:
        return
    with transaction.atomic():
        if status.full and status.trays and (before is None or before.trays != status.trays):
            keep_slots(printer, status.trays)
        _alert(printer, status, problem)
        is_warm = before is not None and before.state is MachineState.PREPARING and status.state in WARM
        if is_warm:
            forget(printer_id)
        if status.full and (status.state in FREE or is_warm):
            agenda.due_now("jobs.match")
    if status.full and (before is None or before.state is MachineState.OFFLINE):
        after_gap(printer_id, status)
        follow(printer_id, status, last)
        ask_who(printer)
    else:
        follow(printer_id, status, last)


def keep_slots(printer: Printer, trays: tuple[Tray, ...]) -> None:
    """Write what the printer says of its trays into its slots; a slot it no longer names is empty."""
    known = {slot.index: slot for slot in printer.slots.all()}
    told = {tray.index: tray for tray in trays}
    new: list[Slot] = []
    changed: list[Slot] = []
    changes: list[rfid.Change] = []
    for index in sorted(known.keys() | told.keys()):
        tray = told.get(index, Tray(index))
        slot = known.get(index) or Slot(printer=printer, index=index)
        if index in known and tuple(getattr(slot, name) for name in TOLD) == _said(tray):
            continue
        changes.append(rfid.Change(slot, slot.tag, slot.is_filled))
        for name, value in zip(TOLD, _said(tray), strict=True):
            setattr(slot, name, value)
        (changed if index in known else new).append(slot)
    Slot.objects.bulk_create(new, ignore_conflicts=True)
    Slot.objects.bulk_update(changed, TOLD)
    if changes:
        rfid.take_in(printer, changes)
        agenda.due_now("jobs.match")


def _said(tray: Tray) -> tuple[Any, ...]:
    """What of a tray its slot keeps, as TOLD names it."""
    return tray.material[:40], tray.color, tray.tag[:40], tray.kind[:20], tray.is_filled


def _alert(printer: Printer, status: Status, problem: str) -> None:
    """One open alert for a printer that is away, one for one in error, one for one that waits for a hand."""
    words = " ".join(fault.text for fault in status.faults)
    if status.state is MachineState.OFFLINE:
        title = _("%(printer)s is offline") % {"printer": printer}
        raise_alert(
            Kind.OFFLINE, _cause(Kind.OFFLINE, printer), title, detail=problem or words, about=printer
        )
        return
    resolve(_cause(Kind.OFFLINE, printer))
    is_broken = status.state is MachineState.ERROR
    if is_broken:
        title = _("%(printer)s has stopped with an error") % {"printer": printer}
        raise_alert(Kind.ERROR, _cause(Kind.ERROR, printer), title, detail=words, about=printer)
    elif has_fault(status):
        title = _("%(printer)s needs you") % {"printer": printer}
        raise_alert(Kind.NEEDS_YOU, _cause(Kind.NEEDS_YOU, printer), title, detail=words, about=printer)
    if status.full and not is_broken:
        resolve(_cause(Kind.ERROR, printer))
    if status.full and (is_broken or not has_fault(status)):
        resolve(_cause(Kind.NEEDS_YOU, printer))


def _cause(kind: Kind, printer: Printer) -> str:
    return f"{kind}:{printer.pk}"
