"""What the digest of last night would have said, made by what makes the real one."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from orgs.current import current_org
from orgs.models import Membership
from orgs.roles import Role

from .channels.adapter import Message
from .composing import letterhead, told_of
from .digest import compose
from .holding import Quiet
from .kinds import PERSONAL, Channel, Kind, Severity
from .models import Alert, Endpoint, every_day
from .quiet_hours import Window, last_quiet, quiet_until
from .wanting import Choices, endpoint_wants

USUAL_START, USUAL_END = time(22), time(7)
MOST_ALERTS = 2000


@dataclass(frozen=True, slots=True)
class Preview:
    """`message` is None where there would have been none. `is_assumed`: nobody has set quiet hours yet, and
    those from 22:00 to 07:00 were taken.
    """

    begin: datetime
    end: datetime
    message: Message | None
    is_assumed: bool


def last_night(user: User | None) -> Preview | None:
    """Of a person's mail, or of what the organisation's channels would have got; None without a night."""
    quiet = Quiet([user.pk] if user else [])
    whose = user.pk if user else None
    windows, zone = quiet.windows(whose), quiet.zone(whose)
    is_assumed = not windows
    if is_assumed:
        windows = (Window(USUAL_START, USUAL_END, frozenset(every_day()), current_org().zone),)
    span = last_quiet(windows, timezone.now())
    if span is None:
        return None
    begin, end = span
    alerts = Alert.objects.filter(at__gte=begin, at__lt=end).select_related("acknowledged_by")
    found = _wanted_by(user, alerts) if user else _wanted_by_channels(alerts)
    held = [
        alert
        for alert in found
        if quiet_until(windows, alert.at, is_critical=alert.severity == Severity.CRITICAL)
    ]
    told = told_of(held, zone)
    message = compose("", told, letterhead(zone), was_quiet=True) if told else None
    return Preview(begin.astimezone(zone), end.astimezone(zone), message, is_assumed)


def _wanted_by(user: User, alerts: "QuerySet[Alert]") -> list[Alert]:
    """What was told to a person in the app and would have been mailed."""
    own = alerts.filter(deliveries__user=user.pk, deliveries__channel=Channel.APP)
    role = Membership.objects.filter(user=user, org=current_org()).values_list("role", flat=True).first()
    if role is None:
        return []
    rows = list(own.order_by("-at")[:MOST_ALERTS])
    asked: set[tuple[str, UUID]] = {(alert.kind, user.pk) for alert in rows}
    chosen = Choices(asked)
    return [one for one in rows if chosen.wants(Kind(one.kind), user.pk, Role(role), Channel.EMAIL)]


def _wanted_by_channels(alerts: "QuerySet[Alert]") -> list[Alert]:
    """What any of the organisation's channels would have got; without one, what all of them get."""
    endpoints = list(Endpoint.objects.filter(user=None, is_enabled=True))
    rows = alerts.order_by("-at")[:MOST_ALERTS]
    if not endpoints:
        return [one for one in rows if one.kind not in PERSONAL]
    return [one for one in rows if any(endpoint_wants(at, one.kind, one.severity) for at in endpoints)]
