"""What several actions say of a job."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import Values
from jobs.models import Job
from jobs.states import OVER, JobState

CHANGED = gettext_lazy("It was changed since.")


def is_open(job: Job) -> bool:
    return job.state not in OVER


def is_over(job: Job) -> bool:
    return job.state in OVER


def is_submitted(job: Job) -> bool:
    return job.state == JobState.SUBMITTED


def why_over(job: Job, values: Values | None = None) -> str:
    return _("It is already over.") if is_over(job) else ""
