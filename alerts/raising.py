"""Raising alerts: what happened, and who is to know."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Model, Q
from django.utils import timezone

from orgs import agenda

from .holding import TASK, Quiet
from .kinds import FLAPPING, FLAPS_WITHIN, SETTLES_WITHIN, SEVERITY, Channel, Kind
from .models import OPEN, Alert, Delivery, Endpoint
from .wanting import Recipient, endpoint_wants, recipients

# What reaches a person at endpoints of their own; mail goes to their account's address.
OWN = frozenset({Channel.PUSH, Channel.CHAT})


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
    is one alert, also where it was back for a moment (FLAPPING). It is closed by `resolve` or by somebody
    acknowledging it.
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
        if kind in FLAPPING:
            _reopen(kind, cause, told["detail"])
        while True:
            alert, is_new = Alert.objects.get_or_create(cause=cause, **OPEN, defaults=first_told)
            if is_new:
                _deliver(alert, people)
                return alert
            # Closed between finding and counting: what happens now is a new alert then.
            if Alert.objects.filter(pk=alert.pk, **OPEN).update(count=F("count") + 1, **told):
                return alert


def _reopen(kind: Kind, cause: str, detail: object) -> None:
    """Open the alert of `cause` again that was resolved a moment ago, if there is one.

    Another fault than the one before is news. What was not told because it had passed so soon is told now,
    unless it passes again.
    """
    now = timezone.now()
    last = Alert.objects.filter(cause=cause).order_by("-id")[:1]
    recent = Alert.objects.filter(
        pk__in=last.values("pk"), resolved_at__gte=now - FLAPS_WITHIN, acknowledged_at=None
    )
    if kind not in SETTLES_WITHIN:
        recent = recent.filter(detail=detail)
    pk = recent.values_list("pk", flat=True).first()
    if pk is None:
        return
    try:
        with transaction.atomic():
            if not Alert.objects.filter(pk=pk, resolved_at__isnull=False).update(resolved_at=None):
                return
    except IntegrityError:
        # Somebody else has raised it meanwhile.
        return
    if kind in SETTLES_WITHIN:
        untold = Delivery.objects.filter(alert=pk, state=Delivery.State.DROPPED)
        again_at = now + SETTLES_WITHIN[kind]
        if untold.update(state=Delivery.State.PENDING, not_before=again_at, parcel=None):
            agenda.due_without_waiting(TASK)


def _deliver(alert: Alert, people: Iterable[UUID]) -> None:
    """In as many queries for a thousand people as for one."""
    told = recipients(Kind(alert.kind), people)
    rows = [
        Delivery(alert=alert, user_id=one.user, as_staff=one.as_staff)
        for one in told
        if Channel.APP in one.channels
    ]
    outward = _outward(alert, told)
    if outward:
        now, quiet = timezone.now(), Quiet({row.user_id for row in outward if row.user_id})
        for row in outward:
            end = quiet.until(row.user_id, now, alert.severity)
            row.state = Delivery.State.HELD if end else Delivery.State.PENDING
            row.not_before = end or now + SETTLES_WITHIN.get(Kind(alert.kind), timedelta(0))
    Delivery.objects.bulk_create(rows + outward)
    if outward:
        # Also for what is held: only the task itself knows what else it has to wait for.
        agenda.due_without_waiting(TASK)


def _outward(alert: Alert, told: list[Recipient]) -> list[Delivery]:
    """The deliveries by channels other than the app, to people and to endpoints of the organisation."""
    wishes = {one.user: one for one in told}
    rows = [
        Delivery(alert=alert, user_id=one.user, as_staff=one.as_staff, channel=Channel.EMAIL)
        for one in told
        if Channel.EMAIL in one.channels
    ]
    endpoints = Endpoint.objects.filter(Q(user=None) | Q(user__in=wishes), is_enabled=True)
    for endpoint in endpoints.order_by("pk"):
        channel = Channel(endpoint.channel)
        if endpoint.user_id is None:
            if endpoint_wants(endpoint, alert.kind, alert.severity):
                rows.append(Delivery(alert=alert, endpoint=endpoint, channel=channel))
        elif channel in wishes[endpoint.user_id].channels & OWN:
            one = wishes[endpoint.user_id]
            rows.append(
                Delivery(
                    alert=alert, user_id=one.user, as_staff=one.as_staff, endpoint=endpoint, channel=channel
                )
            )
    return rows


def resolve(cause: str) -> bool:
    """Close the open alert of `cause`; False if there is none."""
    return bool(Alert.objects.filter(cause=cause, resolved_at=None).update(resolved_at=timezone.now()))
