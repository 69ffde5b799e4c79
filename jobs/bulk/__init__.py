"""What can be done to many jobs at once."""

from django.db.models import QuerySet
from django.utils.translation import ngettext

from bulk.actions import Kind
from jobs.dispatching import CannotStart
from jobs.models import Job
from jobs.states import IllegalMove
from jobs.visible import visible_jobs
from orgs.models import Membership

from .deciding import APPROVE, REJECT
from .ending import CANCEL, DELETE
from .serving import MOVE, RESCHEDULE, SET_DEPARTMENT, SET_PRIORITY

ACTIONS = {
    "approve": APPROVE,
    "reject": REJECT,
    "set_priority": SET_PRIORITY,
    "reschedule": RESCHEDULE,
    "move": MOVE,
    "set_department": SET_DEPARTMENT,
    "cancel": CANCEL,
    "delete": DELETE,
}


def rows_for(membership: Membership) -> "QuerySet[Job]":
    """A viewer sees only their own jobs, and so can't mean others."""
    return visible_jobs(membership).select_related("by", "revision")


def counted(number: int) -> str:
    return ngettext("%(number)d job", "%(number)d jobs", number) % {"number": number}


JOBS = Kind(
    model=Job,
    view="job.view",
    place="jobs:list",
    counted=counted,
    rows=rows_for,
    actions=ACTIONS,
    refusals=(IllegalMove, CannotStart),
)
KINDS = {"job": JOBS}
