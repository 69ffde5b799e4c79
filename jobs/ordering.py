"""Moving a job within the queue, among those of its priority and due date."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.trail import record
from orgs import agenda

from . import news
from .lifecycle import MATCH
from .models import Job
from .states import IllegalMove, JobState


def move(job: Job, to: str) -> None:
    """Move a queued job to the "top" or "bottom", or one place "up" or "down".

    Priority and due date come first in the queue: a job moves among those that are its equals in both.
    A job already there stays. IllegalMove if it does not wait.
    """
    with transaction.atomic():
        equals = list(_equals(job).select_for_update(no_key=True).order_by("position", "pk"))
        here = next((at for at, one in enumerate(equals) if one.pk == job.pk), None)
        if here is None:
            raise IllegalMove(_("%(job)s does not wait in the queue.") % {"job": job})
        there = {
            "top": 0,
            "bottom": len(equals) - 1,
            "up": max(0, here - 1),
            "down": min(len(equals) - 1, here + 1),
        }[to]
        if there == here:
            return
        equals.insert(there, equals.pop(here))
        for place, one in enumerate(equals):
            one.position = float(place)
        Job.objects.bulk_update(equals, ["position"], batch_size=1000)
        record("job.move", job, before={"place": here + 1}, after={"place": there + 1})
        news.changed(job.pk)
        agenda.due_now(MATCH)


def _equals(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(state=JobState.QUEUED, priority=job.priority, due_at=job.due_at)
