"""Reports by schedule: who gets what when, and what became of each run."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs.current import current_org

from .schedules import Every, Rhythm

SHOWN_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class Schedule(models.Model):
    """A report that is made and mailed by itself. `next_at` is when, None while it is paused.

    `filters` narrow it down as the dashboards' addresses do: {"tag": "petg", "department": "<id>"}.
    `failed_in_row` counts runs that could not be made or reached nobody; enough of them pause it.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("report"), max_length=30)
    every = models.CharField(_("every"), max_length=5, choices=Every, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(_("on"), choices=Weekday, default=Weekday.MONDAY)
    day = models.PositiveSmallIntegerField(
        _("on day"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    hour = models.PositiveSmallIntegerField(_("at"), choices=SHOWN_HOURS, default=6)
    filters = models.JSONField(default=dict, blank=True)
    with_csv = models.BooleanField(_("attach the tables as CSV"), default=False)
    next_at = models.DateTimeField(null=True)
    paused_because = models.CharField(max_length=200, blank=True)
    failed_in_row = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], name="reports_schedule_due", condition=Q(next_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(Every(self.every), self.hour, current_org().zone, self.weekday, self.day)

    @property
    def is_paused(self) -> bool:
        return self.next_at is None


class Recipient(models.Model):
    """Who may get a schedule's reports; readers.told says who does. One who is no member here is asked by
    mail first: `asked_at`, `confirmed_at`.

    Their links to confirm and to unsubscribe are signed, not kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="recipients")
    email = models.EmailField(_("e-mail"), max_length=254)
    confirmed_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    bounced = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["email"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("schedule", Lower("email"), name="reports_recipient_once")
        ]

    def __str__(self) -> str:
        return self.email


class Run(models.Model):
    """One report of one time: made once, kept as the exact files, sent to each recipient at most once.

    `due_at` is the time of its schedule that it is for, None for one that somebody asked for. `first` to
    `last` are the days it tells of. `step_at` is the database's clock at the last change of state; a run
    whose maker died is made by another. One that is sent again keeps its `ended_at` of before.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("to be made")
        MAKING = "making", _("being made")
        SENDING = "sending", _("being sent")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    OPEN: ClassVar[list[Any]] = [State.WAITING, State.MAKING, State.SENDING]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, related_name="runs")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=30)
    filters = models.JSONField(default=dict)
    with_csv = models.BooleanField(default=False)
    first = models.DateField()
    last = models.DateField()
    due_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    step_at = models.DateTimeField(db_default=Now())
    at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    pdf = models.CharField(max_length=200, blank=True)
    html = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=200, blank=True)
    csv = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="reports_run_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"],
                name="reports_run_open",
                condition=Q(state__in=["waiting", "making", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.first} to {self.last})"


class Sending(models.Model):
    """A run's mail to one address. From `handing` on it is never sent again by itself (dispatch.md, 24)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be sent")
        HANDING = "handing", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNCLEAR = "unclear", _("maybe sent")
        DROPPED = "dropped", _("not wanted any more")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="sendings")
    recipient = models.ForeignKey(Recipient, models.SET_NULL, null=True, related_name="sendings")
    email = models.EmailField(max_length=254)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    step_at = models.DateTimeField(db_default=Now())
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["email"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("run", Lower("email"), name="reports_sending_once")
        ]

    def __str__(self) -> str:
        return f"{self.run} to {self.email}"
