"""Bringing a copy's file to its printer, before anything is started."""

import time
from contextlib import closing, suppress
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.db.models import Q
from django.db.models.functions import Now

from models3d.storing import DamagedFile, check_bytes, path_of
from orgs.current import current_org, release_connection
from printers.drivers.driver import DriverError, Progress, Trouble
from stations.models import Dispatch, DispatchState, Station

from .ahead import UNHELD
from .dispatching import MOVED, drop, print_of, remote_name, send, step
from .lending.reaching import driver_for, target_of, words_for
from .lifecycle import move_print
from .models import Print
from .states import IllegalMove, PrintState

# An upload says every few seconds that it goes on. No driver waits longer than two minutes for a printer to
# take or to store what was sent, so one that was silent for three is dead.
LEASE = timedelta(seconds=180)
RENEW_S = 10.0


def stage(dispatch_id: UUID) -> None:
    """Upload the file of a planned dispatch under a name of its own and have it claimed.

    May run twice: whoever moves the row to `staging` uploads; one that died is repeated under a new name.
    """
    dispatch = _take(dispatch_id)
    if dispatch is None:
        return
    stored = print_of(dispatch).job.revision.stored
    if stored.sha256 != dispatch.sha256:
        drop(dispatch.pk, MOVED)
        return
    station = Station.objects.only("name").get(pk=dispatch.station_id)
    try:
        target = target_of(dispatch.station_id)
        if target is None:
            drop(dispatch.pk, "the printer is gone")
            return
        driver = driver_for(target)
        release_connection()
        with path_of(stored) as path, closing(driver):
            check_bytes(path, dispatch.sha256)
            driver.upload(path, dispatch.remote_name, dispatch.sha256, _renewing(dispatch))
            if step(dispatch, DispatchState.STAGED):
                send("jobs.claim", dispatch.pk)
                return
            # Cancelled meanwhile, or given up for dead: nobody else knows of this file.
            release_connection()
            with suppress(DriverError):
                driver.remove(dispatch.remote_name)
    except DamagedFile as error:
        _give_up(dispatch, str(error), damaged=True)
    except DriverError as error:
        if Dispatch.objects.filter(pk=dispatch.pk, remote_name=dispatch.remote_name).exists():
            why = f"{station}: {words_for(error, dispatch.pk)}"
            _give_up(dispatch, why, damaged=error.trouble is Trouble.DAMAGED)


def _take(dispatch_id: UUID) -> Dispatch | None:
    """The dispatch if this worker is to upload it, in `staging` with a fresh remote name."""
    dispatch = Dispatch.objects.filter(pk=dispatch_id, org=current_org()).first()
    if dispatch is None or dispatch.state not in {DispatchState.PLANNED, DispatchState.STAGING}:
        return None
    revision = print_of(dispatch).job.revision
    name = remote_name(dispatch, revision.original_name, revision.kind)
    dead = Q(state=DispatchState.STAGING, step_at__lt=Now() - LEASE)
    mine = Dispatch.objects.filter(Q(state=DispatchState.PLANNED) | dead, pk=dispatch_id)
    if not mine.update(state=DispatchState.STAGING, step_at=Now(), remote_name=name):
        return None
    dispatch.refresh_from_db()
    return dispatch


def _renewing(dispatch: Dispatch) -> Progress:
    """Called with the upload's progress, keeps others from taking it for dead."""
    renewed = time.monotonic()

    def renew(_sent: int) -> None:
        nonlocal renewed
        if time.monotonic() - renewed >= RENEW_S:
            mine = Dispatch.objects.filter(pk=dispatch.pk, remote_name=dispatch.remote_name)
            # A database that is away for a moment is no reason to send a large file again.
            with suppress(DatabaseError, InterfaceError):
                mine.filter(state=DispatchState.STAGING).update(step_at=Now())
            release_connection()
            renewed = time.monotonic()

    return renew


def _give_up(dispatch: Dispatch, why: str, *, damaged: bool) -> None:
    """A file that is not what the revision says stops the job; anything else is tried again later."""
    if drop(dispatch.pk, why, backs_off=True) and damaged:
        job = print_of(dispatch).job
        copies = list(Print.objects.filter(job=job).values_list("pk", flat=True))
        for other in Dispatch.objects.filter(print_id__in=copies, state__in=UNHELD).values_list(
            "pk", flat=True
        ):
            drop(other, why, only=UNHELD)
        for one in Print.objects.filter(job=job, state=PrintState.WAITING).order_by("copy"):
            with suppress(IllegalMove):
                move_print(one, PrintState.FAILED, note=why)
