"""What a printer's report means for the dispatch that holds it, for its plate, and for the job."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.raising import resolve
from orgs import agenda
from printers.drivers.driver import MachineState, Outcome, Status
from stations.models import Dispatch, DispatchState, Plate, Station

from .dispatching import free, print_of, send, step
from .lifecycle import MATCH, move_print, printer_of
from .models import Print
from .settling import settle
from .states import PrintState

M = MachineState
ACTIVE = frozenset({M.PREPARING, M.PRINTING, M.PAUSED})
AT_REST = frozenset({M.IDLE, M.FINISHED, M.ERROR})
SILENT = frozenset({M.OFFLINE, M.UNKNOWN})
AFTER = {
    Outcome.COMPLETED: PrintState.COMPLETED,
    Outcome.CANCELLED: PrintState.CANCELLED,
    Outcome.FAILED: PrintState.FAILED,
}


def follow(printer_id: UUID, status: Status) -> None:
    """Take in one full report. Safe to repeat with the same report, and from two processes at once.

    It compares the report with the open dispatch, never with what was written last: a crash between two
    writes heals with the next report.
    """
    if not status.full or status.state in SILENT:
        return
    with transaction.atomic():
        station = Station.objects.select_for_update(no_key=True).filter(pk=printer_id).first()
        if station is None:
            return
        dispatch = _held_by(station)
        if dispatch is None or not is_ours(dispatch, status):
            _see_stranger(station, dispatch, status)
        if dispatch is not None:
            _settle(station, dispatch, status)
        if status.job_key and status.job_key != station.last_key:
            Station.objects.filter(pk=station.pk).update(last_key=status.job_key)
        if status.state in AT_REST:
            agenda.due_now(MATCH)


def _held_by(station: Station) -> Dispatch | None:
    held = Dispatch.objects.select_for_update(no_key=True)
    return held.get(pk=station.hold_id) if station.hold_id else None


def is_ours(dispatch: Dispatch, status: Status) -> bool:
    """Whether the printer shows the job of this dispatch: by our start id, else by the unique file name."""
    if not dispatch.remote_name or dispatch.state in {DispatchState.HELD, DispatchState.STAGED}:
        return False
    stem = dispatch.remote_name.split(".", 1)[0]
    return status.job_key in {dispatch.start_id, stem} or status.file.split(".", 1)[0] == stem


def _see_stranger(station: Station, dispatch: Dispatch | None, status: Status) -> None:
    """Note what a job that is not ours does to the plate."""
    was = station.plate
    if status.state in ACTIVE:
        plate = Plate.OCCUPIED if dispatch is None or dispatch.state == DispatchState.HELD else was
    elif station.last_key and status.job_key != station.last_key:
        # Another job ran, or the printer forgot everything, while nobody looked.
        plate = Plate.UNKNOWN if was == Plate.CLEAR else was
    else:
        plate = was
    if plate != was:
        _mark(station, plate)


def _mark(station: Station, plate: Plate | str) -> None:
    epoch = station.plate_epoch + 1
    Station.objects.filter(pk=station.pk).update(plate=plate, plate_epoch=epoch)
    station.plate, station.plate_epoch = str(plate), epoch


def _settle(station: Station, dispatch: Dispatch, status: Status) -> None:
    ours = is_ours(dispatch, status)
    if dispatch.state in {DispatchState.STARTING, DispatchState.UNCLEAR} and ours:
        _confirm(dispatch, status)
    if dispatch.state != DispatchState.CONFIRMED:
        return
    if not ours:
        _lost(dispatch, status)
    elif status.outcome is not None and status.state not in ACTIVE:
        end(station, dispatch, status.outcome, status)
    elif status.state is M.PAUSED:
        _show(dispatch, PrintState.PAUSED, status)
    elif status.state in {M.PREPARING, M.PRINTING}:
        _show(dispatch, PrintState.PRINTING, status)


def _confirm(dispatch: Dispatch, status: Status | None) -> None:
    """The printer has our job. What was a doubt is settled with it."""
    key = status.job_key if status else ""
    if not step(dispatch, DispatchState.CONFIRMED, job_key=key):
        return
    resolve(unclear_cause(dispatch))
    one = print_of(dispatch)
    if one.state == PrintState.SENDING:
        move_print(one, PrintState.PRINTING, started_at=timezone.now())
    if dispatch.cancel_wanted:
        send("jobs.cancel_at_printer", dispatch.pk)


def unclear_cause(dispatch: Dispatch) -> str:
    """The cause of the alert that asks a person about an unclear start."""
    return f"dispatch.unclear:{dispatch.pk}"


def adopt(dispatch: Dispatch) -> None:
    """A person says that an unclear start prints."""
    _confirm(dispatch, None)


def _show(dispatch: Dispatch, state: PrintState, status: Status) -> None:
    one = print_of(dispatch)
    if one.state in {PrintState.PRINTING, PrintState.PAUSED} and one.state != state:
        move_print(one, state, progress=status.progress)


def _lost(dispatch: Dispatch, status: Status) -> None:
    """Our print is no longer on the printer. How it ended is asked of the printer's history, by a worker."""
    if status.job_key == dispatch.before_key and status.state in ACTIVE:
        return
    send("jobs.ask_outcome", dispatch.pk)


def end(station: Station, dispatch: Dispatch, outcome: Outcome, status: Status | None, why: str = "") -> None:
    """End a confirmed dispatch: hold, copy, filament, cost, job and alert in the caller's transaction.

    A second end changes nothing: `step` names the state, and usage has its reference.
    """
    if not step(dispatch, DispatchState.ENDED, note=why[:300]):
        return
    free(station, dispatch)
    one = print_of(dispatch)
    if one.state not in {PrintState.SENDING, PrintState.PRINTING, PrintState.PAUSED}:
        return
    _close(one, dispatch, outcome, status, why)
    send("jobs.clean_up", dispatch.pk)


def _close(one: Print, dispatch: Dispatch, outcome: Outcome, status: Status | None, why: str) -> None:
    now = timezone.now()
    elapsed = status.elapsed_s if status and status.elapsed_s else None
    printed_s = elapsed or (int((now - one.started_at).total_seconds()) if one.started_at else 0)
    # After a cancel many printers report 0; what was seen before that is nearer the truth.
    progress = max(filter(None, (status.progress if status else None, one.progress)), default=0.0)
    completed = outcome is Outcome.COMPLETED
    printer = printer_of(one)
    settled = settle(one, dispatch.pk, printer, printed_s, progress, completed=completed)
    words = why or (_("The printer reports a failure.") if outcome is Outcome.FAILED else "")
    if outcome is Outcome.FAILED and status and status.faults:
        words = "; ".join(fault.text for fault in status.faults)
    move_print(
        one,
        AFTER[outcome],
        ended_at=now,
        printed_s=printed_s,
        progress=1.0 if completed else progress,
        grams=settled.grams,
        material_cost=settled.cost.material,
        machine_cost=settled.cost.machine,
        note=words[:300],
    )
