"""Hours of printers, tasks, the templates they are copied from, and the log of what was done."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from printers.models import Printer

from . import wording
from .due import Interval

MOST_HOURS, MOST_DAYS = 100_000, 3650
MOST_COST = Decimal("9999999.99")


class Meter(models.Model):
    """How long a printer has printed, as counted here and corrected by people.

    `nozzle_since_s` is what it showed when the nozzle was fitted; below zero for a nozzle older than the
    count. `copied_for` is the model of which the printer has its copies of templates; None before the first.
    """

    printer = models.OneToOneField(Printer, models.CASCADE, primary_key=True, related_name="meter")
    printed_s = models.PositiveBigIntegerField(default=0)
    nozzle_since_s = models.BigIntegerField(default=0)
    nozzle_fitted_at = models.DateTimeField(null=True)
    copied_for = models.CharField(max_length=80, null=True)  # noqa: DJ001  # "" is a printer without a model

    def __str__(self) -> str:
        return str(self.printer)


class ForeignPrint(models.Model):
    """The last print that was started at a printer itself; it runs while `ended_at` is None.

    `key` is the printer's own name for it, `counted_s` what of it is on the meter.
    """

    printer = models.OneToOneField(Printer, models.CASCADE, primary_key=True, related_name="+")
    key = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counted_s = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.printer}, {self.since}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None


class Plan(models.Model):
    """What tasks and templates have in common: what is to be done, and how often."""

    name = models.CharField(_("what"), max_length=80)
    instructions = models.TextField(_("how"), max_length=2000, blank=True)
    every_hours = models.PositiveIntegerField(
        _("every so many print hours"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_HOURS)],
    )
    every_days = models.PositiveIntegerField(
        _("every so many days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
    )
    warn_percent = models.PositiveSmallIntegerField(
        _("tell from % of the hours"), default=90, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    warn_days = models.PositiveSmallIntegerField(
        _("tell days before"), default=3, validators=[MaxValueValidator(365)]
    )
    holds = models.BooleanField(_("holds the printer when overdue"), default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def interval(self) -> Interval:
        return Interval(self.every_hours, self.every_days, self.warn_percent, self.warn_days)


PLAN = ("name", "instructions", "every_hours", "every_days", "warn_percent", "warn_days", "holds")
# A comparison with NULL alone would pass.
HAS_INTERVAL = Q(every_hours__isnull=False, every_hours__gte=1) | Q(
    every_days__isnull=False, every_days__gte=1
)


class TaskTemplate(Plan):
    """A task for every printer of `model`, or of all models where that is empty."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    model = models.CharField(_("printer model"), max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["model", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=HAS_INTERVAL, name="maintenance_tasktemplate_interval")
        ]


class Task(Plan):
    """Something to do on one printer at intervals.

    It counts from `since_s` on the printer's meter and from the day `since_on`; `done_at` is None before it
    is done here for the first time. `round` goes up with each change of that, so that a page shown before is
    known to be old. `told` is the Standing that people have been told of in this round.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    printer = models.ForeignKey(Printer, models.CASCADE, related_name="tasks", verbose_name=_("printer"))
    template = models.ForeignKey(TaskTemplate, models.SET_NULL, null=True, blank=True, related_name="copies")
    since_s = models.BigIntegerField(default=0)
    since_on = models.DateField()
    done_at = models.DateTimeField(null=True)
    round = models.PositiveIntegerField(default=1)
    told = models.CharField(max_length=8, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["printer", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=HAS_INTERVAL, name="maintenance_task_interval"),
            models.UniqueConstraint(fields=["printer", "template"], name="maintenance_task_one_copy"),
        ]


class LogEntry(models.Model):
    """What somebody did: a task, or another nozzle. It outlives its printer and its task.

    `printed_s` is what the meter showed, `used_s` how much of that since the time before. `before` is what
    taking the entry back restores.
    """

    class Kind(models.TextChoices):
        TASK = "task", _("task")
        NOZZLE = "nozzle", _("nozzle")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TASK)
    printer = models.ForeignKey(Printer, models.SET_NULL, null=True, related_name="log")
    printer_name = models.CharField(max_length=80)
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="log")
    what = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    printed_s = models.PositiveBigIntegerField()
    used_s = models.BigIntegerField()
    cost = models.DecimalField(
        _("cost"),
        max_digits=9,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(MOST_COST)],
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    photo = models.CharField(max_length=200, blank=True)
    before = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(F("printer"), F("at").desc(), name="maintenance_log_printer"),
            models.Index(F("at").desc(), name="maintenance_log_at"),
        ]

    def __str__(self) -> str:
        return f"{self.printer_name}: {self.what}"

    @property
    def hours(self) -> str:
        """What the meter showed, in words."""
        return wording.hours(self.printed_s)
