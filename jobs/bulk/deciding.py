"""Approving and rejecting many jobs."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Value, Values
from jobs import approving
from jobs.models import Job
from jobs.states import JobState

from .words import is_submitted


def _undecided(job: Job, values: Values | None) -> str:
    if is_submitted(job):
        return ""
    if job.state == JobState.QUEUED:
        return _("It is in the queue already.")
    return _("It does not wait for approval.")


def _approve(job: Job, values: Values) -> None:
    approving.approve(job, job.submission)


def _reject(job: Job, values: Values) -> None:
    approving.reject(job, values["reason"], job.submission)


def _reason_field() -> forms.Field:
    words = _("The people who submitted them read this.")
    return forms.CharField(label=_("Reason"), max_length=approving.LONGEST_WORDS, help_text=words)


APPROVE = BulkAction(
    label=gettext_lazy("Approve"),
    ask=gettext_lazy("Approve %(rows)s"),
    consequence=gettext_lazy("They go into the queue."),
    done=gettext_lazy("approved"),
    icon="check",
    required="job.approve",
    is_for=is_submitted,
    why_not=_undecided,
    run=_approve,
)
REJECT = BulkAction(
    label=gettext_lazy("Reject"),
    ask=gettext_lazy("Reject %(rows)s"),
    done=gettext_lazy("rejected"),
    icon="thumbs-down",
    required="job.approve",
    is_for=is_submitted,
    values={"reason": Value(_reason_field)},
    why_not=_undecided,
    run=_reject,
    destructive=True,
)
