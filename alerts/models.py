"""Alerts, whom they are told to, when and by which ways."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs.models import check_time_zone
from orgs.roles import Role

from .kinds import Channel, Kind, Severity
from .showing import shown_address

# While both hold, the same cause only raises the count.
OPEN = {"resolved_at": None, "acknowledged_at": None}


def every_day() -> list[int]:
    return list(range(7))


class Alert(models.Model):
    """Something people should know.

    `cause` names what it comes from: while an alert of it is open, the same cause only raises its `count`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=30, choices=Kind)
    severity = models.CharField(max_length=8, choices=Severity)
    title = models.CharField(max_length=200)
    detail = models.CharField(max_length=500, blank=True)
    cause = models.CharField(max_length=120)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.UUIDField(null=True)
    count = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["cause"],
                name="alerts_alert_one_open",
                condition=Q(**OPEN),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target_id", "-id"], name="alerts_alert_about")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None and self.acknowledged_at is None


class Preference(models.Model):
    """That a person wants alerts of a kind by a channel, or not; without a row the role's default holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30, choices=Kind)
    channel = models.CharField(max_length=8, choices=Channel)
    is_wanted = models.BooleanField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "kind", "channel"], name="alerts_preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}, {self.channel}, {self.is_wanted}"


class RoleDefault(models.Model):
    """That this organisation tells a role of a kind by a channel, or not, unless a person chose otherwise.

    Without a row what `alerts.wanting.wanted` says holds.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.PositiveSmallIntegerField(choices=Role)
    kind = models.CharField(max_length=30, choices=Kind)
    channel = models.CharField(max_length=8, choices=Channel)
    is_wanted = models.BooleanField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["role", "kind", "channel"], name="alerts_role_default_once")
        ]

    def __str__(self) -> str:
        return f"{Role(self.role).label}: {self.kind}, {self.channel}, {self.is_wanted}"


class QuietHours(models.Model):
    """When alerts wait: from `start` to `end` on a clock, past midnight where `end` isn't after `start`.

    `days` are those on which it begins, Monday 0. Without a `user` they are the organisation's. The clock is
    `time_zone`'s, else the organisation's. `critical_passes`: critical alerts are told at once all the same.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    start = models.TimeField(_("from"))
    end = models.TimeField(_("until"))
    days = ArrayField(models.PositiveSmallIntegerField(), default=every_day)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[check_time_zone])
    critical_passes = models.BooleanField(_("critical alerts pass"), default=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user"], name="alerts_quiet_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.start:%H:%M} to {self.end:%H:%M}"


class Endpoint(models.Model):
    """Where a channel reaches somebody: a browser's push, a webhook, a chat, an address of the organisation.

    Without a `user` it is the organisation's: it is told alerts of its `kinds` (none named: all) from
    `least_severity` on. `address` may be shown; `secret` is sealed (accounts.sealing) and never shown again.
    A person's own e-mail address needs no row.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=8, choices=Channel)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=80, blank=True)
    address = models.CharField(max_length=600)
    secret = models.TextField(blank=True, editable=False)
    kinds = ArrayField(models.CharField(max_length=30, choices=Kind), default=list, blank=True)
    least_severity = models.CharField(max_length=8, choices=Severity, default=Severity.INFO)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    failing_since = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name or shown_address(self.channel, self.address)


class Parcel(models.Model):
    """One message to one address: an alert, or all that fell due together (a digest).

    Its id goes with every sending (Message-ID, Idempotency-Key, push tag), so that what is sent again is
    known as the same. `step_at` is the database's clock at the last change of state. Rules: dispatch.md,
    "Telling people".
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", _("to be sent")
        HANDING = "handing", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("not wanted any more")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(max_length=8, choices=Channel)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.SET_NULL, null=True, related_name="parcels")
    address = models.CharField(max_length=600)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.CLAIMED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    step_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "channel", "address", "due_at"],
                name="alerts_parcel_once",
                nulls_distinct=False,
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["next_at"], name="alerts_parcel_open", condition=Q(state__in=["claimed", "handing"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {shown_address(self.channel, self.address)}"


class Delivery(models.Model):
    """An alert told to one person by one channel, or to an endpoint of the organisation.

    In the app it is `sent` at once and `read_at` says when it was seen. Elsewhere it waits until `not_before`
    (the end of quiet hours: `held`) and is then taken into a parcel, whose state is its own from there on.
    `as_staff`: the person is told for their role alone, so who loses the role is not told any more.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("due")
        HELD = "held", _("held by quiet hours")
        TAKEN = "taken", _("in a message")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("not wanted any more")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.APP)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, null=True, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State, default=State.SENT)
    not_before = models.DateTimeField(null=True)
    parcel = models.ForeignKey(Parcel, models.SET_NULL, null=True, related_name="deliveries")
    read_at = models.DateTimeField(null=True)
    as_staff = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["alert", "user", "channel", "endpoint"],
                name="alerts_delivery_once",
                nulls_distinct=False,
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["user"], name="alerts_delivery_unread", condition=Q(read_at=None, channel="app")
            ),
            models.Index(
                fields=["not_before"],
                name="alerts_delivery_waiting",
                condition=Q(state__in=["pending", "held"]),
            ),
        ]

    def __str__(self) -> str:
        return _("%(alert)s to %(person)s") % {"alert": self.alert, "person": self.user or self.endpoint}
