"""Printing again what failed or was rejected."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.trail import record

from . import failing, news
from .lifecycle import note
from .models import Job, Print
from .states import IllegalMove, PrintState, Verdict
from .submitting import counted_for, order_like, submit

MOST_NAMED = 20


def lacking(job: Job) -> "QuerySet[Print]":
    """The copies that failed or were rejected and that no job prints again yet."""
    return job.prints.filter(failing.FAILED | failing.REJECTED, reprint=None).order_by("copy")


def reprint(job: Job, by: User) -> tuple[Job, bool]:
    """A job of the same exact revision and options for all that is lacking; whether it is new.

    It belongs to the person the first one belongs to, or to `by`. A second press finds nothing lacking and
    gets the job that the first one made. IllegalMove if nothing ever was; ValidationError if it can't be
    printed any more.
    """
    with transaction.atomic():
        Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
        copies = list(lacking(job))
        if not copies:
            made = Job.objects.filter(instead_of__job=job).order_by("number").last()
            if made is None:
                raise IllegalMove(_("No copy of %(job)s failed or was rejected.") % {"job": job})
            return made, False
        order = order_like(job, by)
        due_at = job.due_at if job.due_at and job.due_at > timezone.now() else None
        owner = job.by or by
        order = replace(order, copies=len(copies), due_at=due_at, department=counted_for(job, owner))
        made = submit(order, owner)
        Print.objects.filter(pk__in=[one.pk for one in copies]).update(reprint=made)
        listed = named(one.copy for one in copies)
        words = {"copies": listed, "made": made.number, "number": job.number}
        note(job, _("Printed again as job %(made)d: %(copies)s.") % words)
        note(made, _("In place of %(copies)s of job %(number)d.") % words)
        record("job.reprint", job, after={"job": made.number, "copies": [one.copy for one in copies]})
        news.changed(job.pk, made.pk)
    return made, True


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a job's copies is still to be said or done, and which jobs it is tied to by reprints."""

    to_judge: int
    lacking: int
    reprints: list[Job]
    instead_of: list[Print]


def standing(job: Job, prints: Iterable[Print]) -> Standing:
    """Of the job's `prints`, which come with their `reprint`; one query for what the job is in place of."""
    rows = list(prints)
    made = {one.reprint.pk: one.reprint for one in rows if one.reprint}
    bad = [one for one in rows if one.state == PrintState.FAILED or one.verdict == Verdict.REJECT]
    replaced = Print.objects.filter(reprint=job).select_related("job").order_by("copy")
    return Standing(
        to_judge=sum(one.state == PrintState.COMPLETED and not one.verdict for one in rows),
        lacking=sum(one.reprint is None for one in bad),
        reprints=sorted(made.values(), key=lambda one: one.number),
        instead_of=list(replaced[:MOST_NAMED]),
    )


def named(copies: Iterable[int]) -> str:
    """ "copies 2, 5, 7": as many as fit a line."""
    listed = list(copies)
    shown = ", ".join(str(copy) for copy in listed[:MOST_NAMED]) + (" …" if len(listed) > MOST_NAMED else "")
    return ngettext("copy %(shown)s", "copies %(shown)s", len(listed)) % {"shown": shown}
