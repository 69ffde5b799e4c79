"""Moving jobs that wait to another revision of their model: a person's decision, never a revert's."""

from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import record
from models3d.models import Model3D, Revision
from orgs import agenda

from . import news
from .dispatching import MOVED, drop, open_of
from .facts import used_filaments
from .lifecycle import MATCH, note
from .models import Job, Print
from .quotas.ledger import reprice
from .settling import grams_of
from .states import IllegalMove, JobState, PrintState
from .submitting import check_target, plate_of
from .vetting import must_wait

WAITING = (JobState.SUBMITTED, JobState.QUEUED)


def behind(model: Model3D) -> QuerySet[Job]:
    """Jobs that wait with an earlier revision of `model` than its current one, oldest first."""
    waiting = Job.objects.filter(revision__model=model, state__in=WAITING)
    return (
        waiting.exclude(revision__model__current=F("revision"))
        .select_related("revision", "by")
        .order_by("pk")
    )


def move(job: Job, revision: Revision, by: User | None = None) -> None:
    """Let `job` print `revision` instead. IllegalMove once a copy was sent or printed; ValidationError if the
    revision can't be printed as the job wants.

    A file that is on its way to a printer is given up first. Whoever planned an attempt with the old bytes
    meanwhile is stopped where it stages or starts: a dispatch names the SHA-256 that it may send.

    What was approved is approved as it is: IllegalMove if `by` would need approval for it.
    """
    if by is not None and job.state == JobState.QUEUED and must_wait(by):
        words = _("%(job)s was approved as it is. Cancel it, and submit the new revision.")
        raise IllegalMove(words % {"job": job})
    plate = plate_of(revision, job.plate)
    for dispatch in open_of(list(job.prints.values_list("pk", flat=True))):
        if not drop(dispatch.pk, MOVED):
            raise IllegalMove(_("%(job)s is being started.") % {"job": job})
    with transaction.atomic():
        locked = (
            Job.objects.select_for_update(of=("self",), no_key=True).select_related("revision").get(pk=job.pk)
        )
        _check_unbegun(locked)
        before = locked.revision
        locked.revision = revision
        check_target(locked, plate)
        locked.estimate_s = plate.print_s if plate else None
        locked.grams = grams_of(used_filaments(plate)) * locked.copies if plate else Decimal(0)
        locked.submission += 1
        locked.save(update_fields=["revision", "estimate_s", "grams", "submission"])
        Print.objects.filter(job=locked).update(estimate_s=locked.estimate_s)
        reprice(locked)
        names = {"old": before.number, "new": revision.number}
        note(locked, _("Moved from revision %(old)d to revision %(new)d.") % names)
        record("job.revise", locked, before={"revision": before.number}, after={"revision": revision.number})
        news.changed(locked.pk)
        agenda.due_now(MATCH)


def _check_unbegun(job: Job) -> None:
    begun = job.prints.exclude(state=PrintState.WAITING).exists()
    if job.state not in WAITING or begun:
        raise IllegalMove(_("%(job)s has begun: it keeps its revision.") % {"job": job})
