"""Whose jobs a person sees."""

from django.db.models import QuerySet

from orgs.models import Membership
from orgs.roles import Role

from .models import Job


def visible_jobs(membership: Membership) -> QuerySet[Job]:
    """All jobs for operators and admins; a viewer sees only their own."""
    if membership.role >= Role.OPERATOR:
        return Job.objects.all()
    return Job.objects.filter(by=membership.user_id)
