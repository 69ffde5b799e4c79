"""What a printer's report means for the dispatch that holds it, for its plate, and for the job."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.raising import resolve
from maintenance import counting, foreign
from orgs import agenda
from printers import failures, live, plates
from printers.drivers.driver import MachineState, Outcome, Status
from stations.models import Dispatch, DispatchState, Station

from . import reaching
from .adopting import started_by_hand
from .charging.rules import Borrowed
from .charging.writing import Ended, write_lines
from .dispatching import free, print_of, send, step, wake
from .lending.crossing import at_home, at_owner, is_borrowed
from .lending.ending import settle_borrowed
from .lifecycle import MATCH, move_print, printer_of
from .models import Job, Print
from .settling import settle
from .states import PrintState
from .strangers import ACTIVE, DOUBTFUL, see_stranger

M = MachineState
AT_REST = frozenset({M.IDLE, M.FINISHED, M.ERROR})
SILENT = frozenset({M.OFFLINE, M.UNKNOWN})
AFTER = {
    Outcome.COMPLETED: PrintState.COMPLETED,
    Outcome.CANCELLED: PrintState.CANCELLED,
    Outcome.FAILED: PrintState.FAILED,
}


def follow(printer_id: UUID, status: Status, before: Status | None = None) -> None:
    """Take in one full report. Safe to repeat with the same report, and from two processes at once.

    `before` is the report before it, if that is known: how far a print came that is no longer shown.

    It compares the report with the open dispatch, never with what was written last: a crash between two
    writes heals with the next report. A report may be older than the one before it (two processes asked):
    it can make a plate less clear, but ends no print; see `ask_outcome`.
    """
    with transaction.atomic():
        station = Station.objects.select_for_update(no_key=True).filter(pk=printer_id).first()
        if station is not None:
            _note_last(station, status, before)
            _take_in(station, status)


def follow_known(printer_id: UUID) -> None:
    """Take in the last status that is known, if it is fresh: what a process that died did not come to.

    It is read under the station's lock: whoever confirmed a print before has stored that report earlier.
    """
    with transaction.atomic():
        station = Station.objects.select_for_update(no_key=True).filter(pk=printer_id).first()
        if station is not None and (known := fresh_status(station)):
            with at_owner(station):
                _take_in(station, known)


def fresh_status(station: Station) -> Status | None:
    """What the printer last told, if that is recent."""
    known = live.read(station.owner_id, [station.pk]).get(station.pk)
    return known.status if known and live.is_fresh(known, station.protocol, timezone.now()) else None


def _note_last(station: Station, status: Status, before: Status | None) -> None:
    """Keep how far our print came, if by this report it no longer runs: its end may not tell that."""
    if before is None or before.state not in {M.PRINTING, M.PAUSED} or status.state in ACTIVE:
        return
    dispatch = _held_by(station)
    if dispatch and dispatch.state == DispatchState.CONFIRMED and is_ours(dispatch, before):
        with at_home(dispatch):
            reaching.note(dispatch, before)


def _take_in(station: Station, status: Status) -> None:
    if not status.full or status.state in SILENT:
        return
    dispatch = _held_by(station) or started_by_hand(station, status)
    if dispatch is not None and is_ours(dispatch, status):
        foreign.forget(station.pk)
    else:
        see_stranger(station, dispatch, status)
        if dispatch is None or dispatch.state not in DOUBTFUL:
            foreign.follow(station.pk, status)
    if dispatch is not None:
        with at_home(dispatch):
            _settle(station, dispatch, status)
    # A printer that has forgotten its last job is remembered so, or its plate could never be clear again.
    if status.job_key != station.last_key and (status.job_key or status.state in AT_REST):
        Station.objects.filter(pk=station.pk).update(last_key=status.job_key)
    if status.state in AT_REST:
        if dispatch is not None:
            wake(station, dispatch)
        else:
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


def _settle(station: Station, dispatch: Dispatch, status: Status) -> None:
    """In the schema of whose print it is."""
    ours = is_ours(dispatch, status)
    if ours and status.job_key and status.job_key != dispatch.job_key:
        # The printer may name our print only later, or otherwise than at first.
        Dispatch.objects.filter(pk=dispatch.pk).update(job_key=status.job_key)
        dispatch.job_key = status.job_key
    old = status.state in AT_REST and status.job_key == dispatch.before_key
    if ours and dispatch.state in DOUBTFUL and _has_begun(status) and not old:
        _confirm(station, dispatch)
    if dispatch.state != DispatchState.CONFIRMED:
        return
    if has_lost(dispatch, status):
        _keep_progress(dispatch, status)
        send("jobs.ask_outcome", dispatch.pk)
    elif status.outcome is not None and status.state not in ACTIVE:
        end(station, dispatch, status.outcome, status)
    elif status.state is M.PAUSED:
        _show(dispatch, PrintState.PAUSED, status)
    elif status.state in {M.PREPARING, M.PRINTING}:
        _show(dispatch, PrintState.PRINTING, status)


def _keep_progress(dispatch: Dispatch, status: Status) -> None:
    """A printer that no longer names a job may still tell how far its last one came: spools count on it."""
    if not status.job_key and status.outcome is not None and status.progress:
        Print.objects.filter(pk=dispatch.print_id).update(progress=status.progress)


def _has_begun(status: Status) -> bool:
    """Whether a report with our key tells of our print, and not still of how the one before ended.

    A Bambu printer shows the new key minutes before it moves, beside the old state (facts, 1.11).
    """
    return status.state in ACTIVE or status.seen_moving


def _confirm(station: Station, dispatch: Dispatch) -> None:
    """The printer has our job. What was a doubt is settled with it."""
    if not step(dispatch, DispatchState.CONFIRMED):
        return
    doubt_settled(station, dispatch)
    one = print_of(dispatch)
    if one.state == PrintState.SENDING:
        move_print(one, PrintState.PRINTING, started_at=timezone.now())
    if dispatch.cancel_wanted:
        send("jobs.cancel_at_printer", dispatch.pk)


def unclear_cause(dispatch: Dispatch) -> str:
    """The cause of the alert that asks a person about an unclear start."""
    return f"dispatch.unclear:{dispatch.pk}"


def doubt_settled(station: Station, dispatch: Dispatch) -> None:
    """Nobody need be asked about this start any more, on neither side."""
    resolve(unclear_cause(dispatch))
    with at_owner(station):
        resolve(unclear_cause(dispatch))


def adopt(station: Station, dispatch: Dispatch) -> None:
    """A person says that an unclear start prints."""
    _confirm(station, dispatch)


def _show(dispatch: Dispatch, state: PrintState, status: Status) -> None:
    one = print_of(dispatch)
    if one.state in {PrintState.PRINTING, PrintState.PAUSED} and one.state != state:
        move_print(one, state, progress=status.progress)


def has_lost(dispatch: Dispatch, status: Status) -> bool:
    """Whether our confirmed print is, by this report, no longer on the printer; a worker then looks again."""
    if not status.full or status.state in SILENT:
        return False
    if is_ours(dispatch, status):
        return status.state in AT_REST and status.outcome is None
    return status.state not in ACTIVE or status.job_key != dispatch.before_key


def end(station: Station, dispatch: Dispatch, outcome: Outcome, status: Status | None, why: str = "") -> None:
    """End a confirmed dispatch: hold, copy, filament, cost, job and alert in the caller's transaction.

    A second end changes nothing: `step` names the state, and usage has its reference. In the schema of whose
    print it is.
    """
    if not step(dispatch, DispatchState.ENDED, note=why[:300]):
        return
    free(station, dispatch)
    one = print_of(dispatch)
    if one.state not in {PrintState.SENDING, PrintState.PRINTING, PrintState.PAUSED}:
        return
    _close(one, station, dispatch, outcome, status, why)
    with at_owner(station):
        if outcome is Outcome.FAILED:
            failures.note_failed(station.pk)
        elif outcome is Outcome.COMPLETED:
            failures.note_good(station.pk)
            # Only what the printer itself has just shown: what is known from its history may be long ago.
            if status is not None:
                plates.ejected(station.pk, printed_epoch=dispatch.plate_epoch)
    send("jobs.clean_up", dispatch.pk)


def _close(
    one: Print, station: Station, dispatch: Dispatch, outcome: Outcome, status: Status | None, why: str
) -> None:
    now = timezone.now()
    elapsed = status.elapsed_s if status and status.elapsed_s else None
    printed_s = elapsed or (int((now - one.started_at).total_seconds()) if one.started_at else 0)
    completed = outcome is Outcome.COMPLETED
    reached = reaching.recalled(one, status, completed=completed)
    # Where the printer does not tell, it may have been silent for a week after its print.
    believed_s = printed_s if elapsed or not one.estimate_s else min(printed_s, 2 * one.estimate_s)
    with at_owner(station):
        counting.count(station.pk, believed_s)
    settled = settle(one, dispatch.pk, reached, completed=completed)
    # Read again under its lock: whose department pays may just have been changed.
    one.job = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=one.job_id)
    asked: Sequence[Borrowed] = ()
    if is_borrowed(station, dispatch):
        believed_s = min(believed_s, counting.MOST_PRINT_S)
        asked = settle_borrowed(station, dispatch, one, outcome, settled.uses, believed_s)
    ended = Ended(AFTER[outcome], now, believed_s, settled.served, printer_of(one), asked)
    charged = write_lines(one, ended)
    words = why or (_("The printer reports a failure.") if outcome is Outcome.FAILED else "")
    if outcome is Outcome.FAILED and status and status.faults:
        words = "; ".join(fault.text for fault in status.faults)
    move_print(
        one,
        AFTER[outcome],
        ended_at=now,
        printed_s=printed_s,
        progress=1.0 if completed else reached.progress or 0.0,
        grams=settled.grams,
        energy_kwh=charged.energy_kwh,
        note=words[:300],
        **asdict(charged.costs),
    )
