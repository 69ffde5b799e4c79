"""Whose alerts a person sees, which of them they have read, and closing them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from audit.trail import record
from orgs.models import Membership
from orgs.roles import Role

from .kinds import PERSONAL, Channel
from .models import OPEN, Alert, Delivery


def visible_alerts(membership: Membership) -> "QuerySet[Alert]":
    """All alerts that aren't PERSONAL for operators and admins, and for everybody what was told to them.

    With `is_unread` by them.
    """
    own = Delivery.objects.filter(alert=OuterRef("pk"), user=membership.user_id, channel=Channel.APP)
    alerts = Alert.objects.annotate(is_unread=Exists(own.filter(read_at=None)))
    if membership.role >= Role.OPERATOR:
        return alerts.filter(~Q(kind__in=PERSONAL) | Exists(own))
    return alerts.filter(Exists(own))


def unread_count(user: User) -> int:
    return Delivery.objects.filter(user=user.pk, channel=Channel.APP, read_at=None).count()


def mark_read(user: User, alerts: Iterable[UUID] | None = None) -> int:
    """Note that `user` has seen these alerts, or all of them; how many were news."""
    unread = Delivery.objects.filter(user=user.pk, channel=Channel.APP, read_at=None)
    if alerts is not None:
        unread = unread.filter(alert__in=list(alerts))
    return unread.update(read_at=timezone.now())


def acknowledge(alerts: "QuerySet[Alert]", user: User) -> int:
    """Close the open ones among `alerts` as seen to by `user`, who has read them; how many there were.

    What is acknowledged or resolved already stays as it is.
    """
    with transaction.atomic():
        held = Alert.objects.select_for_update().filter(pk__in=alerts.values("pk"), **OPEN)
        closed = list(held.order_by("pk"))
        now = timezone.now()
        for alert in closed:
            alert.acknowledged_at, alert.acknowledged_by = now, user
            alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
            record("alert.acknowledge", alert)
        mark_read(user, [alert.pk for alert in closed])
    return len(closed)
