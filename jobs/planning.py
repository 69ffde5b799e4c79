"""Which copy goes to which printer next, and for every job that waits the sentence why."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from orgs.current import current_org
from stations.models import OPEN, Dispatch, DispatchState

from . import facts, news
from .dispatching import plan
from .gates import Gate, Machine, Moment, Needs, blocking, fit, ready
from .models import Job, Print
from .quotas.holding import all_held
from .sentences import Found, why_it_waits
from .states import JobState, PrintState
from .submitting import fill_in

SWEEP = timedelta(seconds=60)
# A pair of copy and printer that just failed is left alone for as many minutes as it was tried.
BACK_OFF = timedelta(minutes=1)
AT_ONCE = 2000


def match() -> int:
    """Plan every copy that may start now, best job first; return how many were planned.

    One run at a time in an organisation. Plans are advice: what they rest on is asked again at the claim and
    right before the start.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"match {current_org().schema_name}"]
            )
        jobs = list(waiting_jobs()[:AT_ONCE])
        _fill_in([*jobs, *_unread_submissions()])
        return _Matching(jobs).run() if jobs else 0


def _fill_in(jobs: Sequence[Job]) -> None:
    """Complete the jobs that were queued before their file was read."""
    ready = {
        job.revision_id for job in jobs if job.estimate_s is None and not job.grams and job.revision.kind
    }
    for revision_id in ready:
        fill_in(revision_id)


def _unread_submissions() -> QuerySet[Job]:
    """Who decides on a job wants to see its time and filament."""
    unread = Job.objects.filter(state=JobState.SUBMITTED, estimate_s=None)
    return unread.select_related("revision")[:AT_ONCE]


def look_again_at() -> datetime | None:
    """When to match again although nothing happens: while jobs wait, soon, or when the next may start."""
    now = timezone.now()
    waiting = Job.objects.filter(state=JobState.QUEUED)
    if not waiting.exists():
        return None
    starts = waiting.filter(not_before__gt=now).aggregate(first=Min("not_before"))["first"]
    return min(now + SWEEP, starts) if starts else now + SWEEP


def waiting_jobs() -> QuerySet[Job]:
    """Queued jobs in the order in which they are served."""
    rows = Job.objects.filter(
        state__in=(JobState.QUEUED, JobState.SENDING, JobState.PRINTING, JobState.PAUSED)
    )
    rows = rows.filter(prints__state=PrintState.WAITING).distinct()
    return rows.select_related("revision", "revision__stored").order_by(
        F("priority").desc(), F("due_at").asc(nulls_last=True), "position", "id"
    )


class _Matching:
    """One run: what is known of jobs and machines, gathered once, and what has been given away so far."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = jobs
        self.now = timezone.now()
        self.org = current_org()
        self.machines = facts.machines()
        self.plates = facts.plates_of(jobs)
        self.waiting = _waiting_prints(jobs)
        self.held = all_held(jobs)
        planned = Dispatch.objects.filter(org=self.org, state__in=OPEN).values_list("print_id", flat=True)
        self.planned = set(planned)
        ids = [machine.id for machine in self.machines]
        taken = Dispatch.objects.filter(station__in=ids, state__in=OPEN).values_list("station_id", flat=True)
        self.taken = set(taken)
        self.avoided = _failed_lately(print_id for prints in self.waiting.values() for print_id in prints)
        self.fits: dict[tuple[Needs, UUID], tuple[Gate, ...]] = {}

    def run(self) -> int:
        changed, planned = [], 0
        for job in self.jobs:
            found = self._look(job)
            for print_id in self.waiting.get(job.pk, ()):
                if print_id in self.planned:
                    continue
                machine = next((m for m in found.startable if (print_id, m.id) not in self.avoided), None)
                if machine is None:
                    break
                found.startable.remove(machine)
                if plan(job, print_id, machine.id) is not None:
                    self.taken.add(machine.id)
                    planned += 1
                    found.planned = True
            sentence = why_it_waits(found) if job.state == JobState.QUEUED else ""
            if sentence != job.why_not:
                job.why_not = sentence
                changed.append(job)
        Job.objects.bulk_update(changed, ["why_not"], batch_size=500)
        news.changed(many=[job.pk for job in changed])
        return planned

    def _look(self, job: Job) -> Found:
        """Every machine's answer to this job."""
        needs = facts.needs_of(job, self.plates.get(job.pk))
        moment = Moment(self.now, True, self.org.auto_queue, job.auto_start, job.not_before)
        found = Found(job=job, ready_file=job.revision.status == "ready", moment=moment)
        found.planned = any(print_id in self.planned for print_id in self.waiting.get(job.pk, ()))
        found.held = self.held.get(job.pk, "")
        if not found.ready_file or found.held:
            return found
        for machine in self.machines:
            able = blocking(self._fit(needs, machine))
            if able:
                found.unfit.append((machine, able))
                continue
            now = blocking(ready(machine, moment))
            if now or machine.id in self.taken:
                found.busy.append((machine, now))
            else:
                found.startable.append(machine)
        return found

    def _fit(self, needs: Needs, machine: Machine) -> tuple[Gate, ...]:
        key = (needs, machine.id)
        if key not in self.fits:
            self.fits[key] = fit(needs, machine)
        return self.fits[key]


def _waiting_prints(jobs: Sequence[Job]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    rows = Print.objects.filter(job__in=[job.pk for job in jobs], state=PrintState.WAITING).order_by("copy")
    for job_id, print_id in rows.values_list("job_id", "pk"):
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
