"""Changing and deleting jobs."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import record
from orgs import agenda, photos
from orgs.departments import check_choice
from orgs.members import present_membership

from . import news
from .charging.rewriting import charge_anew
from .lifecycle import MATCH
from .models import Job
from .quotas.ledger import count_for_department
from .states import OVER, IllegalMove
from .vetting import check_priority


def edit(job: Job, fields: dict[str, Any], by: User | None = None) -> None:
    """Set priority, due date, not-before, auto-start, notes or department of a job that is not over.

    IllegalMove if it is over, ValidationError if `by` may not raise the priority so far or choose the
    department, or if the department's quota has no room for it.
    """
    if by is not None and "department_id" in fields:
        check_choice(present_membership(by), fields["department_id"])
    if by is not None and "priority" in fields:
        check_priority(by, fields["priority"], job.priority)
    before = {name: getattr(job, name) for name in fields}
    with transaction.atomic():
        for name, value in fields.items():
            setattr(job, name, value)
        job.clean_fields(exclude={field.name for field in Job._meta.fields} - set(fields))
        if not Job.objects.filter(pk=job.pk).exclude(state__in=OVER).update(**fields, share=None):
            raise IllegalMove(_("%(job)s is already over.") % {"job": job})
        if "department_id" in fields:
            count_for_department(job)
            charge_anew(job, _("The job has another department."))
        record("job.edit", job, before=before, after=fields)
        news.changed(job.pk)
        agenda.due_now(MATCH)


def delete(job: Job) -> None:
    """Delete a job that is over, with its history; its filament and its money stay in the ledger."""
    with transaction.atomic():
        record("job.delete", job, before={"state": job.state, "name": job.name})
        photos.forget(*job.prints.values_list("photo", flat=True))
        deleted = Job.objects.filter(pk=job.pk, state__in=OVER).delete()[0]
        if not deleted:
            raise IllegalMove(_("%(job)s is not over: cancel it first.") % {"job": job})
