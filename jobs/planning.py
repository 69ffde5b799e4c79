"""Which copy goes to which printer next."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from orgs.current import current_org
from orgs.keys import org_key, redis_client
from stations.models import OPEN, Dispatch, DispatchState, Plate, Station

from . import facts, waiting
from .classes import Classes, members
from .dispatching import plan
from .foreseeing import Look
from .gates import Machine, Moment, blocking, fit, ready
from .models import Job, Print
from .quotas.holding import all_held
from .staggering import Staggered
from .states import PrintState
from .waiting import Waiting, waiting_jobs

SWEEP = timedelta(seconds=60)
# A pair of copy and printer that just failed is left alone for as many minutes as it was tried.
BACK_OFF = timedelta(minutes=1)
# So many times what a look at the whole queue took it is left alone; starts do not wait for it.
REST = 5


def match(*, looks: bool = True) -> int:
    """Plan every copy that may start now, best job first; return how many were planned.

    Without `looks` the whole queue is looked at (order, forecast, sentences) only if a job is new in it. One
    run at a time in an organisation. Plans are advice: what they rest on is asked again at the claim and
    right before the start.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"match {current_org().schema_name}"]
            )
        waiting.complete()
        began = time.monotonic()
        look = Look() if looks or waiting_jobs().filter(share=None).exists() else None
        if look:
            look.order()
        held = all_held()
        planned = start_what_can(held)
        Staggered().go_on()
        if look:
            look.tell(held)
            _rest(began)
    return planned


def _rest(began: float) -> None:
    rest_ms = int((time.monotonic() - began) * REST * 1000) + 1
    redis_client().set(_rest_key(), 1, px=rest_ms)


def _rest_key() -> str:
    return org_key(current_org().pk, "queue-rests")


def match_in_turn() -> datetime | None:
    """Match after an event: starts at once, a look when the queue has rested. Answers when to come again."""
    looks = not redis_client().exists(_rest_key())
    match(looks=looks)
    again_at = look_again_at()
    if again_at is None or looks:
        return again_at
    left_ms = max(0, int(str(redis_client().pttl(_rest_key()))))
    return min(again_at, timezone.now() + timedelta(milliseconds=left_ms))


def look_again_at() -> datetime | None:
    """When to match again although nothing happens: while jobs wait, soon, or when the next may start."""
    now = timezone.now()
    jobs = waiting_jobs()
    if not jobs.exists():
        return None
    starts = jobs.filter(not_before__gt=now).aggregate(first=Min("not_before"))["first"]
    return min(now + SWEEP, starts) if starts else now + SWEEP


def start_what_can(held: Mapping[UUID, str]) -> int:
    """Give each machine that is ready the first job in the queue that it can print; return how many.

    `held` are jobs that a quota holds back.
    """
    org, now = current_org(), timezone.now()
    if not org.auto_queue:
        return 0
    moment = Moment(now, True, org.auto_queue, True)
    machines = [machine for machine in _free_machines() if not blocking(ready(machine, moment))]
    if not machines:
        return 0
    given = _Giving(machines, moment)
    due = waiting_jobs().filter(Q(not_before=None) | Q(not_before__lte=now), auto_start=True)
    for jobs in waiting.chunks(due):
        given.serve([one for one in jobs if one.id not in held])
        if not given.left:
            break
    return given.count


def _free_machines() -> list[Machine]:
    """Those that no attempt is for, as the gates see them. A plate that is not clear can't take a start."""
    opened = Dispatch.objects.filter(state__in=OPEN).values("station")
    free = Station.objects.filter(owner=current_org(), hold=None, plate=Plate.CLEAR).exclude(pk__in=opened)
    ids = list(free.values_list("pk", flat=True))
    return facts.machines(ids) if ids else []


class _Giving:
    """The machines that are ready, and which of them are `left`, a bit for each."""

    def __init__(self, machines: Sequence[Machine], moment: Moment) -> None:
        self.machines = machines
        self.moment = moment
        self.classes = Classes(machines)
        self.left = self.classes.all
        self.count = 0

    def serve(self, jobs: Sequence[Waiting]) -> None:
        able = [(one, self.classes.able(one.needs)) for one in jobs if one.needs]
        wanted = [(one, mask) for one, mask in able if mask & self.left]
        if not wanted:
            return
        prints = _waiting_prints([one.id for one, _mask in wanted])
        avoided = _failed_lately(pk for found in prints.values() for pk in found)
        loaded = Job.objects.select_related("revision", "revision__stored").in_bulk(list(prints))
        for one, mask in wanted:
            for print_id in prints.get(one.id, ()):
                if not mask & self.left:
                    break
                self._give(loaded[one.id], one, print_id, mask & self.left, avoided)

    def _give(
        self, job: Job, one: Waiting, print_id: UUID, mask: int, avoided: set[tuple[UUID, UUID]]
    ) -> None:
        """Plan one copy on the first machine of `mask` that all gates let print it."""
        assert one.needs is not None  # noqa: S101  # only what has needs is served
        for at in members(mask):
            machine = self.machines[at]
            if (print_id, machine.id) in avoided or blocking(fit(one.needs, machine)):
                continue
            if plan(job, print_id, machine.id) is not None:
                self.left &= ~(1 << at)
                self.count += 1
            return


def _waiting_prints(job_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    """The copies for which there is no attempt yet, by job, in their order."""
    opened = Dispatch.objects.filter(org=current_org(), state__in=OPEN).values("print_id")
    rows = Print.objects.filter(job__in=job_ids, state=PrintState.WAITING).exclude(pk__in=opened)
    found: dict[UUID, list[UUID]] = {}
    for job_id, print_id in rows.order_by("copy").values_list("job_id", "pk"):
        found.setdefault(job_id, []).append(print_id)
    return found


def _failed_lately(print_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Copies and printers whose last attempt did not start, while they are left alone."""
    rows = Dispatch.objects.filter(
        print_id__in=list(print_ids),
        state__in=(DispatchState.DROPPED, DispatchState.REFUSED),
        backs_off=True,
        step_at__gt=Now() - F("attempt") * BACK_OFF,
    )
    return set(rows.values_list("print_id", "station_id"))
