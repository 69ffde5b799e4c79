"""Which copy goes to which printer next."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone

from orgs.current import current_org
from orgs.keys import org_key, redis_client
from printers import live
from printers.models import Printer
from stations.models import OPEN, Dispatch, Offer, Plate, Station

from . import facts, waiting
from .ahead import UNHELD, Ahead, Attempt
from .dispatching import drop
from .foreseeing import AT_REST, Look
from .gates import Machine, Moment, blocking, ready
from .giving import Giving
from .lending import lent
from .lending.waking import wake_for_free
from .models import Job, Print
from .quotas.holding import all_held
from .starting import PASSING
from .submitting import complete
from .waiting import waiting_jobs

# Lent printers on which the owner's jobs do not go first.
EQUAL = Q(owner_first=False)
SWEEP = timedelta(seconds=60)
# So many times what a look at the whole queue took it is left alone; starts do not wait for it.
REST = 5
# So many jobs are read before it is asked which of the others could go anywhere.
FRONT = 50


def match(*, looks: bool = True) -> int:
    """Plan every copy that may start now, best job first, and have files sent where only the plate is in the
    way; return how many attempts were planned.

    Without `looks` the whole queue is looked at (order, forecast, sentences) only if the place of a new job
    depends on it. One run at a time in an organisation. Plans are advice: what they rest on is asked again at
    the claim and right before the start.
    """
    with _alone():
        ahead = Ahead()
        ahead.go_on()
        complete()
        place_new()
        held = all_held()
    look, look_s = None, 0.0
    if waiting_jobs().filter(share=None).exists():
        began = time.monotonic()
        with _alone():
            look = _ordered(held)
        look_s = time.monotonic() - began
    with _alone():
        planned, displaced = start_what_can(held, ahead.blocked)
    for dispatch_id in displaced:
        # Each in a transaction of its own: a drop locks its station, and asks for another match.
        drop(dispatch_id, "it no longer waits there", only=UNHELD)
    wake_for_free()
    if looks or look:
        began = time.monotonic()
        with _alone():
            (look or _ordered(held)).tell(held)
        _rest(look_s + time.monotonic() - began)
    return planned


@contextmanager
def _alone() -> Iterator[None]:
    """A transaction that has the queue of this organisation for itself."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"match {current_org().schema_name}"]
            )
        yield


def place_new() -> None:
    """Give new jobs their place where that takes no look: nothing moves one that has no due date."""
    if not current_org().fair_share:
        Job.objects.filter(share=None, due_at=None).update(share=0, must_start_at=None)


def _ordered(held: Mapping[UUID, str]) -> Look:
    look = Look()
    look.order(held)
    return look


def _rest(look_s: float) -> None:
    """Leave the queue alone for REST times what the look at it took, both halves of it."""
    rest_ms = int(look_s * REST * 1000) + 1
    redis_client().set(_key("queue-rests"), 1, px=rest_ms)


def _key(name: str) -> str:
    return org_key(current_org().pk, name)


def match_in_turn() -> datetime | None:
    """Match after an event: starts at once, a look when the queue has rested. Answers when to come again.

    Nobody waits for a run that is on, or a hundred events would keep a whole worker busy: that run is told to
    go round once more. Should it die, the sweep makes good for it.
    """
    wanted, rests = _key("match-wanted"), _key("queue-rests")
    redis_client().set(wanted, 1, px=int(SWEEP.total_seconds() * 1000))
    looked = False
    while redis_client().exists(wanted) and _ask_lock("pg_try_advisory_lock"):
        try:
            redis_client().delete(wanted)
            looked = not redis_client().exists(rests)
            match(looks=looked)
        finally:
            _ask_lock("pg_advisory_unlock")
    again_at = look_again_at()
    if again_at is None or looked:
        return again_at
    left_ms = max(0, int(str(redis_client().pttl(rests))))
    return min(again_at, timezone.now() + timedelta(milliseconds=left_ms))


def _ask_lock(function: str) -> bool:
    """Take or give back the organisation's turn, which lasts longer than a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [f"turn {current_org().schema_name}"])
        return bool(cursor.fetchone()[0])


def look_again_at() -> datetime | None:
    """When to match again although nothing happens: while jobs wait, soon, or when the next may start."""
    now = timezone.now()
    jobs = waiting_jobs()
    if not jobs.exists():
        return None
    starts = jobs.filter(not_before__gt=now).aggregate(first=Min("not_before"))["first"]
    return min(now + SWEEP, starts) if starts else now + SWEEP


def start_what_can(held: Mapping[UUID, str], ahead: Sequence[Attempt]) -> tuple[int, list[UUID]]:
    """Give each machine that is ready, or soon will be, the first job in the queue that it can print.

    Return how many attempts were planned, and those of `ahead` that are to be dropped for others. `held` are
    jobs that a quota holds back.
    """
    org, now = current_org(), timezone.now()
    if not org.auto_queue:
        return 0, [one.id for one in ahead]
    starts, blocked, useless = _by_readiness(_free_machines(ahead), Moment(now, True, True, True))
    ended = _ended(ahead, useless, held)
    if not starts and not blocked:
        return 0, ended
    giving = Giving(starts, blocked, ahead)
    due = waiting_jobs().filter(Q(not_before=None) | Q(not_before__lte=now), auto_start=True)
    reader = waiting.Reader()
    front = waiting.read(due[:FRONT], reader)
    giving.serve([one for one in front if one.id not in held])
    if giving.left and len(front) == FRONT:
        behind = due.exclude(pk__in=[one.id for one in front])
        for jobs in waiting.chunks(waiting.wanting(behind, reader, giving.fits), reader):
            giving.serve([one for one in jobs if one.id not in held])
            if not giving.left:
                break
    return giving.count, list(giving.displaced | dict.fromkeys(ended))


def _ended(ahead: Sequence[Attempt], useless: Collection[UUID], held: Collection[UUID]) -> list[UUID]:
    """The attempts that wait for a plate in vain: printer or job does not start by itself now, or is gone."""
    if not ahead:
        return []
    now = Q(not_before=None) | Q(not_before__lte=timezone.now())
    wanted = waiting_jobs().filter(now, auto_start=True).exclude(pk__in=list(held)).order_by()
    prints = Print.objects.filter(pk__in=[one.print_id for one in ahead], job__in=wanted)
    alive = set(prints.values_list("pk", flat=True))
    places = [one.station_id for one in ahead]
    known = set(Printer.objects.filter(pk__in=places).values_list("pk", flat=True))
    equal = Offer.objects.to(current_org()).filter(EQUAL, station__in=places)
    known |= set(equal.values_list("station", flat=True))
    return [
        one.id
        for one in ahead
        if one.print_id not in alive or one.station_id in useless or one.station_id not in known
    ]


def _free_machines(ahead: Sequence[Attempt]) -> list[Machine]:
    """Those that no attempt is for, but perhaps one of `ahead`; as the gates see them."""
    opened = (
        Dispatch.objects.filter(state__in=OPEN).exclude(pk__in=[one.id for one in ahead]).values("station")
    )
    free = Station.objects.filter(owner=current_org(), hold=None).exclude(pk__in=opened)
    plates = dict(free.values_list("pk", "plate"))
    blocked = [pk for pk, plate in plates.items() if plate != Plate.CLEAR]
    known = live.read(current_org().pk, blocked)
    # Of those only the ones at rest are of interest, and few of many are.
    busy = {pk for pk in blocked if pk not in known or known[pk].status.state not in AT_REST}
    awaited = {one.station_id for one in ahead}
    ids = [pk for pk in plates if pk in awaited or pk not in busy]
    return [*(facts.machines(ids) if ids else []), *_free_lent(opened)]


def _free_lent(opened: Any) -> list[Machine]:
    """Those lent to us that are free; a file goes ahead only where the owner's jobs do not go first."""
    found = Offer.objects.to(current_org()).filter(EQUAL | Q(station__plate=Plate.CLEAR))
    free = found.filter(station__hold=None).exclude(station__in=opened).values_list("station", flat=True)
    ids = list(free)
    return lent.machines(ids) if ids else []


def _by_readiness(
    machines: Sequence[Machine], moment: Moment
) -> tuple[list[Machine], list[Machine], set[UUID]]:
    """Those that may start, those of which only the plate is in the way, and those with more than a cleared
    plate would mend."""
    starts, blocked, useless = [], [], set()
    for machine in machines:
        against = {gate.name for gate in blocking(ready(machine, moment))}
        if not against:
            starts.append(machine)
        elif against == {"plate"}:
            blocked.append(machine)
        elif against - PASSING:
            useless.add(machine.id)
    return starts, blocked, useless
