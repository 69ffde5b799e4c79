"""Raising alerts: what happened, and who is to know."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from orgs.current import current_org
from orgs.models import Membership
from orgs.roles import Role

from .kinds import PERSONAL, SEVERITY, Kind
from .models import OPEN, Alert, Delivery


def raise_alert(
    kind: Kind,
    cause: str,
    title: str,
    *,
    detail: str = "",
    about: Model | None = None,
    people: Iterable[UUID] = (),
) -> Alert:
    """Tell `people` of `title`, and unless the kind is PERSONAL operators and admins too, in the transaction
    that makes it true.

    While an alert of the same `cause` is open, only its count and time go up: a printer that comes and goes
    is one alert. It is closed by `resolve` or by somebody acknowledging it.
    """
    told = {"title": title[:200], "detail": detail[:500], "last_at": timezone.now()}
    first_told = {
        **told,
        "kind": kind,
        "severity": SEVERITY[kind],
        "target_type": about._meta.label_lower if about is not None else "",
        "target_id": about.pk if about is not None else None,
    }
    with transaction.atomic():
        while True:
            alert, is_new = Alert.objects.get_or_create(cause=cause, **OPEN, defaults=first_told)
            if is_new:
                _deliver(alert, people)
                return alert
            # Closed between finding and counting: what happens now is a new alert then.
            if Alert.objects.filter(pk=alert.pk, **OPEN).update(count=F("count") + 1, **told):
                return alert


def _deliver(alert: Alert, people: Iterable[UUID]) -> None:
    told = set(people)
    if alert.kind not in PERSONAL:
        staff = Membership.objects.filter(org=current_org(), role__gte=Role.OPERATOR)
        told.update(staff.values_list("user_id", flat=True))
    Delivery.objects.bulk_create(Delivery(alert=alert, user_id=user) for user in told)


def resolve(cause: str) -> bool:
    """Close the open alert of `cause`; False if there is none."""
    return bool(Alert.objects.filter(cause=cause, resolved_at=None).update(resolved_at=timezone.now()))
