"""Departments: adding, renaming, deleting, who is in one, and who may have a job counted for which."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from audit.trail import record

from .current import current_org
from .models import Department, Membership, Org
from .roles import Role


def with_members(org: Org) -> "QuerySet[Department]":
    """The departments of `org` by name, each with the number of its `people`."""
    return Department.objects.of(org).annotate(people=Count("memberships"))


def save(department: Department) -> Department:
    """Store a new or changed department; ValidationError if its organisation has one of this name."""
    known = Department.objects.of(department.org).filter(pk=department.pk).first()
    before = {"name": known.name, "code": known.code} if known else {}
    try:
        with transaction.atomic():
            department.save()
            after = {"name": department.name, "code": department.code}
            record("department.edit" if known else "department.add", department, before=before, after=after)
    except IntegrityError:
        raise ValidationError({"name": _("There is a department of this name already.")}) from None
    return department


def delete(department: Department) -> None:
    """Delete a department: its members and jobs stay without one, quotas for it go with it."""
    with transaction.atomic():
        record("department.delete", department, before={"name": department.name, "code": department.code})
        department.delete()


def put(membership: Membership, department: Department | None) -> None:
    """Put a member into a department of the same organisation, or into none."""
    check_same_org(membership.org, department)
    before, membership.department = membership.department, department
    with transaction.atomic():
        membership.save(update_fields=["department"])
        record(
            "member.department", membership, before={"department": before}, after={"department": department}
        )


def check_same_org(org: Org, department: Department | None) -> None:
    if department is not None and department.org_id != org.pk:
        raise ValidationError({"department_id": _("There is no such department.")})


def check_choice(membership: Membership | None, department: UUID | None) -> None:
    """ValidationError unless the person may have a job counted for `department`, one of the organisation."""
    if department is not None and not Department.objects.of(current_org()).filter(pk=department).exists():
        raise ValidationError({"department_id": _("There is no such department.")})
    if not may_count_for(membership, department):
        raise ValidationError({"department_id": _("Your jobs are counted for your own department.")})


def choosable(membership: Membership) -> list[Department]:
    """The departments among which a person may choose for a job: all for operators, for others nothing."""
    if membership.role < Role.OPERATOR:
        return []
    return list(Department.objects.of(membership.org))


def may_count_for(membership: Membership | None, department: UUID | None) -> bool:
    """Whether a job may be counted for `department`: operators choose any or none, others their own."""
    if membership is not None and membership.role >= Role.OPERATOR:
        return True
    return department == (membership.department_id if membership else None)
