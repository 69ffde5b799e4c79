"""Alerts and to whom they were told."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from .kinds import Kind, Severity

# While both hold, the same cause only raises the count.
OPEN = {"resolved_at": None, "acknowledged_at": None}


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


class Delivery(models.Model):
    """An alert told to one person in the app."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["alert", "user"], name="alerts_delivery_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user"], name="alerts_delivery_unread", condition=Q(read_at=None))
        ]

    def __str__(self) -> str:
        return _("%(alert)s to %(person)s") % {"alert": self.alert, "person": self.user}
