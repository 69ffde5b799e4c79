"""Raising alerts: what happened, and who is to know."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from orgs.current import current_org
from orgs.models import Membership
from orgs.roles import Role

from .kinds import SEVERITY, Kind
from .models import Alert, Delivery


def raise_alert(
    kind: Kind,
    cause: str,
    title: str,
    *,
    detail: str = "",
    about: Model | None = None,
    people: Iterable[UUID] = (),
) -> Alert:
    """Tell operators, admins and `people` of `title`, in the transaction that makes it true.

    While an alert of the same `cause` is open, only its count and time go up: a printer that comes and goes
    is one alert. It is closed by `resolve` or by somebody acknowledging it.
    """
    now = timezone.now()
    with transaction.atomic():
        alert, is_new = Alert.objects.get_or_create(
            cause=cause,
            resolved_at=None,
            acknowledged_at=None,
            defaults={
                "kind": kind,
                "severity": SEVERITY[kind],
                "title": title[:200],
                "detail": detail[:500],
                "target_type": about._meta.label_lower if about is not None else "",
                "target_id": about.pk if about is not None else None,
                "last_at": now,
            },
        )
        if not is_new:
            Alert.objects.filter(pk=alert.pk).update(
                count=F("count") + 1, last_at=now, title=title[:200], detail=detail[:500]
            )
            return alert
        staff = Membership.objects.filter(org=current_org(), role__gte=Role.OPERATOR).values_list(
            "user_id", flat=True
        )
        Delivery.objects.bulk_create(Delivery(alert=alert, user_id=user) for user in {*staff, *people})
    return alert


def resolve(cause: str) -> bool:
    """Close the open alert of `cause`; False if there is none."""
    return bool(Alert.objects.filter(cause=cause, resolved_at=None).update(resolved_at=timezone.now()))
