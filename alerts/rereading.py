"""Whether what a parcel holds is still to be told, read again right before it is sent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from orgs.current import current_org
from orgs.models import Membership
from orgs.roles import Role

from .holding import Quiet
from .kinds import SETTLES_WITHIN, Channel, Kind
from .models import Alert, Delivery, Parcel
from .wanting import Choices, endpoint_wants


class Rereading:
    """Members, roles, preferences and quiet hours as they are now, for some parcels, in four queries."""

    def __init__(self, parcels: Sequence[Parcel]) -> None:
        """With `user` and `endpoint` fetched."""
        people = {one.user_id for one in parcels if one.user_id}
        rows = Delivery.objects.filter(parcel__in=parcels, state=Delivery.State.TAKEN)
        rows = rows.select_related("alert__acknowledged_by").order_by("pk")
        self._deliveries: dict[UUID | None, list[Delivery]] = defaultdict(list)
        for row in rows:
            self._deliveries[row.parcel_id].append(row)
        members = Membership.objects.filter(org=current_org(), user__in=people, user__is_active=True)
        self._roles = dict(members.values_list("user", "role")) if people else {}
        asked = {(row.alert.kind, row.user_id) for row in rows if row.user_id}
        self._choices = Choices(asked)
        self.quiet = Quiet(people)

    def split(self, parcel: Parcel) -> tuple[list[Delivery], list[Delivery]]:
        """What is still to be told, and what is not."""
        kept: list[Delivery] = []
        dropped: list[Delivery] = []
        for one in self._deliveries[parcel.pk]:
            (kept if self._is_wanted(parcel, one) else dropped).append(one)
        return kept, dropped

    def held_until(self, parcel: Parcel, alerts: Sequence[Alert], now: datetime) -> datetime | None:
        """When a message that was not begun yet may go out; None for now, also if any of it is urgent.

        It may have become quiet since it was due: the mail server did not answer all evening.
        """
        if parcel.state == Parcel.State.HANDING:
            return None
        ends = [self.quiet.until(parcel.user_id, now, one.severity) for one in alerts]
        waits = [end for end in ends if end is not None]
        return max(waits) if len(waits) == len(ends) else None

    def _is_wanted(self, parcel: Parcel, delivery: Delivery) -> bool:
        alert, endpoint = delivery.alert, parcel.endpoint
        if _was_nothing(alert):
            return False
        if parcel.user_id is None:
            return endpoint is not None and endpoint_wants(endpoint, alert.kind, alert.severity)
        if parcel.channel != Channel.EMAIL and (endpoint is None or not endpoint.is_enabled):
            return False
        role = self._roles.get(parcel.user_id)
        if role is None or (delivery.as_staff and role < Role.OPERATOR):
            return False
        kind, channel = Kind(alert.kind), Channel(parcel.channel)
        return self._choices.wants(kind, parcel.user_id, Role(role), channel)


def _was_nothing(alert: Alert) -> bool:
    """Whether it had passed before anybody would have been told."""
    settles = SETTLES_WITHIN.get(Kind(alert.kind))
    return settles is not None and alert.resolved_at is not None and alert.resolved_at - alert.at < settles
