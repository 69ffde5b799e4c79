"""Holding alerts back in quiet hours: whose hours hold, saving them, and what is held by them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Least, Now
from django.utils import timezone

from accounts.models import User
from audit.trail import record
from orgs import agenda
from orgs.current import current_org

from .kinds import Severity
from .models import Delivery, Parcel, QuietHours
from .quiet_hours import Window, quiet_until

TASK = "alerts.send"
WAITING = (Delivery.State.PENDING, Delivery.State.HELD)
FIELDS = ("start", "end", "days", "time_zone", "critical_passes")


def window_of(hours: QuietHours) -> Window:
    zone = ZoneInfo(hours.time_zone) if hours.time_zone else current_org().zone
    return Window(hours.start, hours.end, frozenset(hours.days), zone, hours.critical_passes)


class Quiet:
    """The quiet hours of the organisation and of some people, read in one query."""

    def __init__(self, people: Collection[UUID]) -> None:
        rows = QuietHours.objects.filter(Q(user=None) | Q(user__in=people))
        self._windows = {row.user_id: window_of(row) for row in rows}
        self._ends: dict[tuple[tuple[Window, ...], datetime, bool], datetime | None] = {}

    def windows(self, user: UUID | None) -> tuple[Window, ...]:
        """Those that hold for a person: the organisation's and their own. None: for its endpoints."""
        found = [self._windows.get(None), self._windows.get(user) if user else None]
        return tuple(one for one in found if one is not None)

    def until(self, user: UUID | None, now: datetime, severity: str) -> datetime | None:
        """When an alert of `severity` may be told; None for now. Most people have the same hours."""
        asked = (self.windows(user), now, severity == Severity.CRITICAL)
        if asked not in self._ends:
            self._ends[asked] = quiet_until(asked[0], now, is_critical=asked[2])
        return self._ends[asked]

    def zone(self, user: UUID | None) -> ZoneInfo:
        """The clock a reader goes by: that of their own quiet hours, else the organisation's."""
        own = self._windows.get(user) if user else None
        return own.zone if own is not None else current_org().zone


def save(user: User | None, values: Mapping[str, Any] | None) -> None:
    """Store the checked `values` of FIELDS as quiet hours of `user`, or of the organisation; None ends them.

    What is held by them is told at the new time: the rows and the agenda change with them.
    """
    with transaction.atomic():
        hours = QuietHours.objects.select_for_update().filter(user=user).first()
        before = {name: _plain(getattr(hours, name)) for name in FIELDS} if hours else {}
        after = {name: _plain(values[name]) for name in FIELDS} if values else {}
        if before == after:
            return
        if values is None:
            QuietHours.objects.filter(user=user).delete()
        else:
            # Two tabs that save the first hours at once: the later one's hold.
            QuietHours.objects.update_or_create(user=user, defaults={name: values[name] for name in FIELDS})
        record("quiet_hours.edit", user or current_org(), before=before, after=after)
        hold_anew(user.pk if user else None)
        agenda.due_now(TASK)


def hold_anew(user: UUID | None) -> None:
    """Work out again until when what is held waits: of one person, or of everybody where the organisation's
    hours have changed.
    """
    of_whom = {"user": user} if user else {}
    held = Delivery.objects.filter(state=Delivery.State.HELD, **of_whom)
    # A message that fell into quiet hours on its way out has deliveries that are taken already: its sender
    # looks at the hours again. All are asked for, as one may just be put off by the hours of before.
    packed = Parcel.objects.filter(state=Parcel.State.CLAIMED, attempts=0, **of_whom)
    with transaction.atomic():
        packed.update(next_at=Least("next_at", Now()))
        # Locked in the order in which the senders lock them.
        rows = list(held.select_for_update().order_by("pk").values_list("pk", "user", "alert__severity"))
        put_off(rows, Quiet({row[1] for row in rows if row[1]}), timezone.now())


def put_off(rows: Iterable[tuple[UUID, UUID | None, str]], quiet: Quiet, now: datetime) -> None:
    """Let deliveries (id, person, severity), locked by the caller, wait while it is quiet, or be due now."""
    until: dict[datetime | None, list[UUID]] = defaultdict(list)
    for pk, user, severity in rows:
        until[quiet.until(user, now, severity)].append(pk)
    for end, pks in until.items():
        state = Delivery.State.HELD if end else Delivery.State.PENDING
        Delivery.objects.filter(pk__in=pks).update(not_before=end or now, state=state)


def _plain(value: Any) -> Any:
    """As the audit trail keeps it."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sorted(value)
    return f"{value:%H:%M}" if hasattr(value, "hour") else value
