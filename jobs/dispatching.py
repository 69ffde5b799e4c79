"""Attempts to start a print: making them, finding them again, and letting them go before they start."""

import base64
import re
import secrets
from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from orgs import agenda
from orgs.current import current_org
from stations.models import OPEN, WAITING_TO_START, Dispatch, DispatchState, Station

from .lending import lent
from .lending.crossing import at_home, at_owner, is_borrowed
from .lifecycle import MATCH, move_print
from .models import Job, Print
from .states import UNAPPROVED, PrintState

MOST_START_ID = 2**31 - 1
MOST_ATTEMPTS = 5
# With Redis as the broker 0 is served first; these are steps of 3.
LATER = 6
# Why an attempt ends that was planned with the bytes of a revision which the job no longer prints.
MOVED = "the job was moved to another revision"


class CannotStart(Exception):
    """This copy can't be started there now; the message says why."""


def plan(
    job: Job, print_id: UUID, station_id: UUID, *, by_hand: bool = False, overridden: bool = False
) -> Dispatch | None:
    """Make the next attempt to start a copy, and send it on its way once this transaction is committed.

    None if another attempt for the copy is open: of two planners the database lets one through. None too for
    a job that nobody has approved, and on a printer that is neither ours nor lent to us.
    """
    if job.state in UNAPPROVED:
        return None
    org, owner_id = current_org(), Station.objects.values_list("owner_id", flat=True).get(pk=station_id)
    terms = None if owner_id == org.pk else lent.terms_for(station_id)
    if owner_id != org.pk and terms is None:
        return None
    stored = job.revision.stored
    last = Dispatch.objects.filter(print_id=print_id).aggregate(last=Max("attempt"))["last"] or 0
    try:
        with transaction.atomic():
            dispatch = Dispatch.objects.create(
                station_id=station_id,
                org=org,
                offer_id=terms.offer if terms else None,
                offer_version=terms.version if terms else 0,
                terms=terms.as_json() if terms else {},
                print_id=print_id,
                attempt=last + 1,
                sha256=stored.sha256,
                size=stored.size,
                start_id=str(1 + secrets.randbelow(MOST_START_ID)),
                by_hand=by_hand,
                overridden=overridden,
            )
    except IntegrityError:
        return None
    send("jobs.stage", dispatch.pk)
    return dispatch


def send(task: str, dispatch_id: UUID) -> None:
    """Tell a worker to take the next step once this transaction is committed. A hint: the row decides.

    Uploads come after whatever else waits: of many, the first is to start before the last is sent.
    """
    schema, priority = current_org().schema_name, LATER if task == "jobs.stage" else 0
    message = partial(current_app.send_task, task, args=[schema, str(dispatch_id)], priority=priority)
    transaction.on_commit(message, robust=True)


def step(dispatch: Dispatch, to: DispatchState, **fields: Any) -> bool:
    """Move `dispatch` from the state it was read in; False if somebody else moved it first."""
    seen = Dispatch.objects.filter(
        pk=dispatch.pk, state=dispatch.state, fence=dispatch.fence, remote_name=dispatch.remote_name
    )
    if not seen.update(state=to, step_at=Now(), **fields):
        return False
    dispatch.state = to
    for name, value in fields.items():
        setattr(dispatch, name, value)
    return True


def locked(dispatch_id: UUID) -> tuple[Station, Dispatch]:
    """Station and dispatch, locked in this order everywhere, for the caller's transaction."""
    station_id = Dispatch.objects.values_list("station_id", flat=True).get(pk=dispatch_id, org=current_org())
    station = Station.objects.select_for_update(no_key=True).get(pk=station_id)
    return station, Dispatch.objects.select_for_update(no_key=True).get(pk=dispatch_id)


def print_of(dispatch: Dispatch) -> Print:
    found = find_print(dispatch)
    if found is None:
        raise Print.DoesNotExist(f"copy {dispatch.print_id} is gone")
    return found


def find_print(dispatch: Dispatch) -> Print | None:
    """Its copy, or None: a file may wait on a printer for longer than its job lives."""
    rows = Print.objects.select_related("job", "job__revision", "job__revision__stored")
    return rows.filter(pk=dispatch.print_id).first()


def remote_name(dispatch: Dispatch, original: str, suffix: str) -> str:
    """A name no other upload has: eight letters of the dispatch, four of this upload, then the file's own.

    On another's printer it is the dispatch's whole id and four letters of this upload, and nothing else: its
    owner reads it at the printer.
    """
    if dispatch.offer_id:
        return f"{dispatch.pk.hex}{secrets.token_hex(2)}.{suffix}"
    mark = base64.b32encode(dispatch.pk.bytes[-5:]).decode().lower() + secrets.token_hex(2)
    stem = original.lower().removesuffix(f".{suffix}")
    clean = re.sub(r"[^a-z0-9]+", "_", stem)[:40].strip("_")
    return f"{mark}_{clean}.{suffix}" if clean else f"{mark}.{suffix}"


def drop(
    dispatch_id: UUID,
    why: str,
    *,
    backs_off: bool = False,
    only: Collection[DispatchState] = WAITING_TO_START,
) -> bool:
    """Let go of a dispatch in one of the states `only`; the copy waits again. False if it is in another one.

    A hold is freed at once: nothing was ever sent to start it, and whoever holds the old fence can send
    nothing any more. The file is taken off the printer afterwards.
    """
    with transaction.atomic():
        station, dispatch = locked(dispatch_id)
        if dispatch.state not in only:
            return False
        had_file = bool(dispatch.remote_name)
        step(dispatch, DispatchState.DROPPED, note=why[:300], backs_off=backs_off)
        _free(station, dispatch)
        if one := find_print(dispatch):
            _wait_again(one, why, backs_off=backs_off)
        if had_file:
            send("jobs.clean_up", dispatch.pk)
        wake(station, dispatch)
    return True


def _wait_again(one: Print, why: str, *, backs_off: bool) -> None:
    if one.state == PrintState.SENDING:
        move_print(one, PrintState.WAITING, printer=None, lent_id=None, dispatch_id=None, note=why)
    failed = Dispatch.objects.filter(print_id=one.pk, backs_off=True).count()
    if backs_off and failed >= MOST_ATTEMPTS and one.state == PrintState.WAITING:
        text = _("Given up after %(n)d attempts: %(why)s") % {"n": failed, "why": why}
        move_print(one, PrintState.FAILED, note=text)


def _free(station: Station, dispatch: Dispatch) -> None:
    if station.hold_id == dispatch.pk:
        Station.objects.filter(pk=station.pk, hold=dispatch).update(hold=None)


free = _free


def wake(station: Station, dispatch: Dispatch) -> None:
    """Let the queues that may use this printer now look at it; last in the transaction that frees it.

    Of two organisations neither is waited for: they may lend to each other, and each would wait in turn.
    """
    if not is_borrowed(station, dispatch):
        agenda.due_now(MATCH)
        return
    for side in (at_owner(station), at_home(dispatch)):
        with side:
            agenda.due_without_waiting(MATCH)


def open_of(prints: list[UUID]) -> list[Dispatch]:
    return list(Dispatch.objects.filter(print_id__in=prints, state__in=OPEN))
