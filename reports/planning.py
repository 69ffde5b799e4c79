"""Turning due times into runs, each once, and asking for a run by hand."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit.trail import record
from orgs import agenda

from .models import Run, Schedule, Sending
from .readers import told

TASK = "reports.work"
# Runs at once, so that an organisation with hundreds of schedules doesn't hold one transaction for all.
AT_ONCE = 50


def plan(now: datetime) -> int:
    """Make a run of each schedule that is due; how many.

    One that missed several times, because the server was off, runs once, for the last of them. Two workers
    at it make one run: the time that was seen is taken away together with writing the run.
    """
    due = Schedule.objects.filter(next_at__lte=now).order_by("next_at")[:AT_ONCE]
    return sum(_plan_one(schedule, now) for schedule in due)


def _plan_one(schedule: Schedule, now: datetime) -> bool:
    rhythm = schedule.rhythm
    # A schedule edited meanwhile has another next time, and its own turn.
    due_at = max(schedule.next_at or now, rhythm.last_until(now))
    with transaction.atomic():
        seen = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
        if not seen.update(next_at=rhythm.next_after(now)):
            return False
        # Its hours may have been changed to and fro right after a run.
        if not Run.objects.filter(schedule=schedule, due_at=due_at).exists():
            first, last = rhythm.covers(due_at)
            run = _new_run(schedule, first, last, due_at=due_at)
            _address(run, schedule)
    return True


def run_now(schedule: Schedule, by: User) -> Run:
    """Make and send it at once, of the days that a run due now tells of."""
    now = timezone.now()
    first, last = schedule.rhythm.covers(now)
    with transaction.atomic():
        run = _new_run(schedule, first, last, asked_by=by)
        _address(run, schedule)
        record("report.run", schedule, after={"first": first, "last": last})
        agenda.due_now(TASK)
    return run


def try_out(schedule: Schedule, by: User) -> Run:
    """The same, to nobody but `by`."""
    now = timezone.now()
    first, last = schedule.rhythm.covers(now)
    with transaction.atomic():
        run = _new_run(schedule, first, last, asked_by=by)
        Sending.objects.create(run=run, email=by.email)
        record("report.try_out", schedule, after={"first": first, "last": last})
        agenda.due_now(TASK)
    return run


def send_again(sending: Sending) -> bool:
    """A person wants one that failed, or may have gone out, sent once more; False if it is neither."""
    with transaction.atomic():
        again = Sending.objects.filter(pk=sending.pk, state__in=[Sending.State.UNCLEAR, Sending.State.FAILED])
        if not again.update(state=Sending.State.WAITING, step_at=Now(), next_at=None, error=""):
            return False
        Run.objects.filter(pk=sending.run_id).exclude(html="").update(
            state=Run.State.SENDING, at=Now(), next_try_at=None
        )
        record("report.send_again", sending.run, after={"email": sending.email})
        agenda.due_now(TASK)
    return True


def _new_run(
    schedule: Schedule,
    first: date,
    last: date,
    *,
    due_at: datetime | None = None,
    asked_by: User | None = None,
) -> Run:
    return Run.objects.create(
        schedule=schedule,
        name=schedule.name,
        kind=schedule.kind,
        filters=schedule.filters,
        with_csv=schedule.with_csv,
        first=first,
        last=last,
        due_at=due_at,
        asked_by=asked_by,
    )


def _address(run: Run, schedule: Schedule) -> None:
    Sending.objects.bulk_create(
        Sending(run=run, recipient=recipient, email=recipient.email)
        for recipient in schedule.recipients.filter(told())
    )


def set_times() -> None:
    """Reckon all next times anew: the organisation's clock is another one now."""
    now = timezone.now()
    with transaction.atomic():
        for schedule in Schedule.objects.exclude(next_at=None):
            # One that is being planned in this moment has its next time by the new clock already.
            seen = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
            seen.update(next_at=schedule.rhythm.next_after(now))
        agenda.due_now(TASK)


def next_look(now: datetime) -> datetime | None:
    """When something of reports is due in this organisation, None if nothing ever is."""
    times = [
        Schedule.objects.exclude(next_at=None).order_by("next_at").values_list("next_at", flat=True).first(),
        _next_try(now),
    ]
    return min((at for at in times if at is not None), default=None)


def _next_try(now: datetime) -> datetime | None:
    """When the first open run goes on: now, at its next try, or when its maker or sender must have died."""
    times = [
        run.next_try_at or now + timedelta(seconds=30)
        for run in Run.objects.filter(state__in=Run.OPEN).only("next_try_at")[:200]
    ]
    return max(min(times), now) if times else None
