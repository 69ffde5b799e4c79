"""Setting quotas: adding, changing and taking away; jobs that wait are looked at again."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.trail import record
from jobs.lifecycle import MATCH
from orgs import agenda

from .models import Quota

FIELDS = ("who", "person_id", "department_id", "measure", "amount", "span")


def save(quota: Quota) -> Quota:
    """Store a new or changed quota; ValidationError for a second one of the same kind."""
    known = Quota.objects.filter(pk=quota.pk).first()
    try:
        with transaction.atomic():
            quota.save()
            record("quota.edit" if known else "quota.add", quota, before=_said(known), after=_said(quota))
            agenda.due_now(MATCH)
    except IntegrityError:
        raise ValidationError(_("There is a quota of this kind already: change that one.")) from None
    return quota


def delete(quota: Quota) -> None:
    with transaction.atomic():
        record("quota.delete", quota, before=_said(quota))
        quota.delete()
        agenda.due_now(MATCH)


def _said(quota: Quota | None) -> dict[str, object]:
    return {name: getattr(quota, name) for name in FIELDS} if quota else {}
