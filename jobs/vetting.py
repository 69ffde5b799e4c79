"""Whose jobs wait for approval, and what these people may ask for."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.kinds import Kind
from alerts.raising import raise_alert
from orgs.current import current_org
from orgs.members import present_membership
from orgs.roles import Role

from .lifecycle import submitted_cause
from .models import Job
from .states import Priority


def must_wait(by: User) -> bool:
    """Whether jobs of `by` wait for approval: where the organisation wants it, those of all but its staff."""
    if not current_org().approval:
        return False
    membership = present_membership(by)
    return membership is None or membership.role < Role.OPERATOR


def most_priority(by: User) -> Priority:
    """The highest priority that `by` may give: beyond normal is for operators where jobs need approval."""
    return Priority.NORMAL if must_wait(by) else Priority.URGENT


def check_priority(by: User, wanted: int, now: int = Priority.NORMAL) -> None:
    """ValidationError if `by` may not raise a priority from `now` to `wanted`."""
    if wanted > max(now, Priority.NORMAL) and wanted > most_priority(by):
        words = _("Only operators can give a higher priority than normal.")
        raise ValidationError({"priority": words})


def tell_submitted(job: Job) -> None:
    """Tell operators and admins that `job` waits for them."""
    title = _("%(job)s waits for approval") % {"job": job}
    detail = _("Submitted by %(person)s.") % {"person": job.by} if job.by else ""
    raise_alert(Kind.JOB_SUBMITTED, submitted_cause(job), title, detail=detail, about=job)
