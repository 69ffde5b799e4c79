"""The claim of a printer and the start itself: the only code that may make a machine move.

See CONTRIBUTING.md, "Dispatch", for the rules these transactions keep.
"""

import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from models3d.models import Plate as FilePlate
from orgs.current import current_org, release_connection
from orgs.models import Org
from printers.drivers import DRIVERS
from printers.drivers.driver import DriverError, Link, PolledDriver, StartOrder, StartRefused, Status
from printers.link_requests import wake_start
from stations.models import Dispatch, DispatchState, Plate, Station

from . import ahead, facts, gates, heating, mapping, news
from .dispatching import MOVED, drop, find_print, free, locked, print_of, send, step, wake
from .lending import guests, lent
from .lending.crossing import within
from .lending.reaching import driver_for, target_of, words_for
from .lifecycle import move_print
from .models import Job, Print
from .quotas.holding import why_held
from .settling import spools_for
from .states import UNAPPROVED, JobState, PrintState

# From the commit of `starting` to the bytes leaving; a later start could meet another world.
MOST_S = 5.0
NOT_LENT = "the printer is no longer lent"
CHANGED = "its owner has changed on what terms the printer is lent"
# What may be over once somebody clears the plate: no reason to take off a file that was sent ahead.
PASSING = frozenset({"plate", "free", "faults"})


class Asked(NamedTuple):
    """What the gates said: `why` not, empty if nothing forbids it, of this machine and these needs."""

    why: str
    machine: gates.Machine | None = None
    needs: gates.Needs | None = None


def claim(dispatch_id: UUID) -> bool:
    """Take the printer for a staged dispatch: hold, new fence, `sending`; or drop it with the reason.

    True if it is for the caller to start: a polled printer is held. An automatic one stays staged while the
    plate is not clear, or too many printers heat up: a match sends it here again.
    """
    with transaction.atomic():
        owner_id = Dispatch.objects.values_list("station__owner", flat=True).get(pk=dispatch_id)
        with within(owner_id):
            has_room, at_once = heating.has_room(), heating.at_once()
        station, dispatch = locked(dispatch_id)
        if dispatch.state != DispatchState.STAGED:
            return False
        one, owner = find_print(dispatch), dispatch.terms.get("owner", "")
        blocked = station.plate != Plate.CLEAR or station.hold_id is not None
        waits = blocked and not dispatch.by_hand
        asked = _ask(station, dispatch, one, None, waits=waits) if one else Asked("the job is gone")
        if one is None or asked.why:
            pass
        elif not dispatch.by_hand and blocked:
            _wait(dispatch, one.job_id, ahead.WAITS, ahead.words_for(station.name, owner, staged=True))
            return False
        elif not dispatch.by_hand and not has_room:
            _wait(dispatch, one.job_id, heating.WAITS, heating.why(at_once, station.name, owner))
            return False
        else:
            _hold(station, dispatch, one, asked)
    if asked.why:
        drop(dispatch_id, asked.why)
        return False
    return DRIVERS[station.protocol].link is Link.POLL


def _hold(station: Station, dispatch: Dispatch, one: Print, asked: Asked) -> None:
    assert asked.machine is not None  # noqa: S101  # nothing forbids it
    assert asked.needs is not None  # noqa: S101
    fence = station.fence + 1
    Station.objects.filter(pk=station.pk).update(hold=dispatch, fence=fence)
    step(dispatch, DispatchState.HELD, fence=fence)
    move_print(
        one,
        PrintState.SENDING,
        **guests.place_of(station, dispatch),
        spools=spools_for(gates.loading_of(asked.needs, asked.machine).slots),
    )
    if DRIVERS[station.protocol].link is Link.LISTEN:
        transaction.on_commit(lambda: wake_start(station.pk), robust=True)


def _wait(dispatch: Dispatch, job_id: UUID, note: str, words: str) -> None:
    """Leave a dispatch staged, noted on it and told on its job."""
    Dispatch.objects.filter(pk=dispatch.pk).update(note=note)
    if Job.objects.filter(pk=job_id, state=JobState.QUEUED).exclude(why_not=words).update(why_not=words):
        news.changed(job_id)


def held_on(station_ids: Collection[UUID]) -> list[UUID]:
    """Dispatches that hold one of these stations and are to be started."""
    held = Dispatch.objects.filter(station__in=station_ids, state=DispatchState.HELD)
    return list(held.values_list("pk", flat=True))


def authorise(dispatch_id: UUID, status: Status, *, link_epoch: int | None = None) -> StartOrder | None:
    """The last word before the bytes: commit `starting`, return what to send once; None if it must not start.

    `status` is what the sender itself has just read from the printer. After this call returns nothing may
    happen but the write; if more than MOST_S have passed, call `too_late` and do not write.
    """
    with transaction.atomic():
        station, dispatch = locked(dispatch_id)
        if dispatch.state != DispatchState.HELD:
            return None
        one = print_of(dispatch)
        why = _ask(station, dispatch, one, status).why
        if link_epoch is not None and station.link_epoch != link_epoch:
            return None
        if not why and (station.hold_id != dispatch.pk or station.fence != dispatch.fence):
            why = "another start was first"
        if not why:
            order = _order(dispatch, one, status)
            guests.begin(station, dispatch, one)
            epoch = station.plate_epoch + 1
            step(dispatch, DispatchState.STARTING, before_key=status.job_key, plate_epoch=epoch)
            Station.objects.filter(pk=station.pk).update(plate=Plate.OCCUPIED, plate_epoch=epoch)
            return order
    drop(dispatch_id, why)
    return None


def _ask(
    station: Station, dispatch: Dispatch, one: Print, status: Status | None, *, waits: bool = False
) -> Asked:
    """What forbids this start now. With `waits` neither the plate does, nor what the printer is doing."""
    if dispatch.cancel_wanted or one.state not in {PrintState.WAITING, PrintState.SENDING}:
        return Asked("the job no longer waits")
    if one.job.state in UNAPPROVED:
        return Asked("the job is not approved")
    if dispatch.sha256 != one.job.revision.stored_id:
        return Asked(MOVED)
    if station.hold_id not in {None, dispatch.pk} and not waits:
        return Asked("the printer is taken")
    machine, needs = machine_and_needs(station.pk, one, status, by_hand=dispatch.by_hand)
    if machine is None:
        return Asked(NOT_LENT if dispatch.offer_id else "the printer is gone")
    if (machine.lent.terms.version if machine.lent else 0) != dispatch.offer_version:
        return Asked(CHANGED)
    job = one.job
    # Read anew: the process that holds a link has known its organisation for days.
    state, org_auto = Org.objects.values_list("state", "auto_queue").get(pk=current_org().pk)
    if state != Org.State.ACTIVE:
        return Asked("the organisation is closed")
    moment = gates.Moment(timezone.now(), not dispatch.by_hand, org_auto, job.auto_start, job.not_before)
    quota = gates.quota_gate(why_held(job))
    found = [*gates.fit(needs, machine), *gates.ready(machine, moment), quota]
    against = gates.blocking(found, overridden=dispatch.overridden)
    why = "; ".join(gate.text for gate in against if not waits or gate.name not in PASSING)
    return Asked(why, machine, needs)


def machine_and_needs(
    station_id: UUID, one: Print, status: Status | None, *, by_hand: bool
) -> tuple[gates.Machine | None, gates.Needs]:
    """The printer as the gates see it, our own hold not counted against it."""
    machine = lent.machine(station_id, {station_id: status} if status else None)
    if machine and machine.held and one.dispatch_id:
        machine = facts.without_hold(machine)
    needs = facts.needs_of(one.job, facts.plates_of([one.job]).get(one.job_id))
    return machine, mapping.choose(needs, one.chosen_slots) if by_hand else needs


def _order(dispatch: Dispatch, one: Print, status: Status) -> StartOrder:
    plate = FilePlate.objects.filter(revision=one.job.revision_id, number=one.job.plate).first()
    slots = {entry["index"]: entry["slot"] for entry in one.spools}
    count = max((use["index"] for use in plate.filaments), default=-1) + 1 if plate else 0
    return StartOrder(
        remote_name=dispatch.remote_name,
        start_id=dispatch.start_id,
        plate=one.job.plate,
        plate_md5=plate.md5 if plate else "",
        tray_map=tuple(slots.get(index) for index in range(count)),
        title=dispatch.remote_name.split(".", 1)[0],
    )


def start_polled(dispatch_id: UUID) -> None:
    """Start a held dispatch on a polled printer. An unclear answer is left to the reconciler."""
    dispatch = Dispatch.objects.filter(pk=dispatch_id, org=current_org(), state=DispatchState.HELD).first()
    if dispatch is None:
        return
    try:
        target = target_of(dispatch.station_id)
        if target is None:
            return
        driver = driver_for(target)
    except DriverError as error:
        drop(dispatch_id, words_for(error, dispatch_id), backs_off=True)
        return
    assert isinstance(driver, PolledDriver)  # noqa: S101  # `claim` sends only those here
    try:
        _start(dispatch_id, driver)
    finally:
        driver.close()


def _start(dispatch_id: UUID, driver: PolledDriver) -> None:
    release_connection()
    try:
        status = driver.status()
    except DriverError as error:
        drop(dispatch_id, words_for(error, dispatch_id), backs_off=True)
        return
    order = authorise(dispatch_id, status)
    if order is None:
        return
    committed = time.monotonic()
    release_connection()
    if time.monotonic() - committed > MOST_S:
        too_late(dispatch_id)
        return
    try:
        driver.start(replace(order, write_by=committed + MOST_S))
    except StartRefused as error:
        refused(dispatch_id, words_for(error, dispatch_id))
    except DriverError as error:
        said = words_for(error, dispatch_id)[:300]
        Dispatch.objects.filter(pk=dispatch_id, state=DispatchState.STARTING).update(note=said)


def too_late(dispatch_id: UUID) -> None:
    """Nothing was written after `authorise`: the start did not happen."""
    refused(dispatch_id, "the start took too long and was not sent")


def refused(dispatch_id: UUID, words: str) -> None:
    """The printer said an unmistakable no, or nothing was sent. The hold is freed once the file is gone."""
    with transaction.atomic():
        marked = Dispatch.objects.filter(pk=dispatch_id, state=DispatchState.STARTING)
        if marked.update(refusal=words[:300]):
            send("jobs.settle_refusal", dispatch_id)


def settle_refusal(dispatch_id: UUID) -> None:
    """After a refusal: see the file gone, so that a late start finds nothing; then free the hold."""
    found = Dispatch.objects.filter(pk=dispatch_id, org=current_org(), state=DispatchState.STARTING)
    dispatch = found.exclude(refusal="").first()
    if dispatch is None:
        return
    try:
        if not remove_file(dispatch):
            return
    except DriverError:
        return
    with transaction.atomic():
        station, dispatch = locked(dispatch_id)
        if dispatch.state == DispatchState.STARTING:
            free_unprinted(station, dispatch, dispatch.refusal)


def remove_file(dispatch: Dispatch) -> bool:
    """Take its file off the printer and see it gone; DriverError if that can't be said.

    False if we no longer have that printer.
    """
    target = target_of(dispatch.station_id)
    if target is None:
        return False
    with closing(driver_for(target)) as driver:
        release_connection()
        driver.remove(dispatch.remote_name)
    return True


def free_unprinted(station: Station, dispatch: Dispatch, why: str) -> None:
    """End an attempt that certainly never printed: hold free, plate as it was, the copy waits again.

    The caller holds both locks and has seen the remote file gone.
    """
    step(dispatch, DispatchState.REFUSED, note=why[:300], backs_off=True)
    free(station, dispatch)
    guests.forget(station, dispatch)
    Station.objects.filter(pk=station.pk, plate_epoch=dispatch.plate_epoch, plate=Plate.OCCUPIED).update(
        plate=Plate.CLEAR
    )
    one = print_of(dispatch)
    if one.state == PrintState.SENDING:
        move_print(one, PrintState.WAITING, printer=None, lent_id=None, dispatch_id=None, note=why)
        if dispatch.cancel_wanted:
            move_print(one, PrintState.CANCELLED, note=why)
    wake(station, dispatch)
