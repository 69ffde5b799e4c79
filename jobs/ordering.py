"""Moving a job within the queue, among those that stand like it in all that comes before the place."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.trail import record
from orgs import agenda

from . import news
from .lifecycle import MATCH
from .models import Job
from .states import IllegalMove, JobState

STEPS = ("top", "up", "down", "bottom")


def move(job: Job, to: str) -> None:
    """Move a queued job to the "top" or "bottom", or one place "up" or "down".

    Priority, due-date risk and fair share come first in the queue: a job moves among its equals in these.
    A job already there stays. IllegalMove if it does not wait.
    """
    with transaction.atomic():
        equals, here = _locked(job)
        last = len(equals) - 1
        there = {"top": 0, "bottom": last, "up": max(0, here - 1), "down": min(last, here + 1)}[to]
        _put(job, equals, here, there)


def move_before(job: Job, other: Job) -> None:
    """Move a queued job right before `other`; IllegalMove, saying why, if a move can't bring it there."""
    with transaction.atomic():
        equals, here = _locked(job)
        found = next((at for at, one in enumerate(equals) if one.pk == other.pk), None)
        if found is None:
            raise IllegalMove(_why_apart(job, other))
        _put(job, equals, here, found - 1 if found > here else found)


def _why_apart(job: Job, other: Job) -> str:
    """What stands between the two that no move changes."""
    names = {"job": job, "other": other}
    if other.state != JobState.QUEUED:
        return _("%(other)s does not wait in the queue.") % names
    if job.priority != other.priority:
        return _("%(other)s has another priority: change that of %(job)s to pass it.") % names
    if job.must_start_at != other.must_start_at:
        return _("What would miss its due date comes first; %(job)s and %(other)s differ in that.") % names
    return _("Fair share between people puts %(other)s elsewhere; a move can't change that.") % names


def _locked(job: Job) -> tuple[list[Job], int]:
    """The equals of `job` in their order, locked, and where it stands among them."""
    equals = list(_equals(job).select_for_update(no_key=True).order_by("position", "pk"))
    here = next((at for at, one in enumerate(equals) if one.pk == job.pk), None)
    if here is None:
        raise IllegalMove(_("%(job)s does not wait in the queue.") % {"job": job})
    return equals, here


def _put(job: Job, equals: list[Job], here: int, there: int) -> None:
    if there == here:
        return
    equals.insert(there, equals.pop(here))
    changed = []
    for place, one in enumerate(equals):
        if one.position != float(place):
            one.position = float(place)
            changed.append(one)
    Job.objects.bulk_update(changed, ["position"], batch_size=1000)
    record("job.move", job, before={"place": here + 1}, after={"place": there + 1})
    news.changed(job.pk)
    agenda.due_now(MATCH)


def _equals(job: Job) -> QuerySet[Job]:
    # A look at the queue may have moved it since it was read.
    now = Job.objects.filter(pk=job.pk).values_list("priority", "must_start_at", "share").first()
    priority, must_start_at, share = now or (job.priority, job.must_start_at, job.share)
    return Job.objects.filter(
        state=JobState.QUEUED, priority=priority, must_start_at=must_start_at, share=share
    )
