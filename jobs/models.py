"""Jobs, their prints and their history."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from models3d.models import Revision
from orgs.models import Department
from orgs.numbering import NextNumber
from printers.models import Printer, Tag

from .charging.models import ChargeLine as ChargeLine
from .charging.models import MonthClose as MonthClose
from .charging.models import RateCard as RateCard
from .lending.models import GuestPrint as GuestPrint
from .lending.models import LedgerLine as LedgerLine
from .quotas.models import Quota as Quota
from .quotas.models import QuotaShare as QuotaShare
from .states import JobState, PrintState, Priority, Verdict


class Job(models.Model):
    """What somebody wants printed. `position` orders equals; `why_not` says why it waits.

    `must_start_at` is set while it would miss its due date in its turn; `share` is what fair share gives it.
    Both are jobs.order's, as the last look at the queue found them; `share` is null until the first.

    `filaments` holds wishes by the file's slot: [{"index", "material", "color", "spool_id"}]. One printer
    is ours (`target_printer`) or another organisation's that lends it (`target_lent_id`, its station).
    While it is submitted, `decision_note` is the change that an operator asks for; of a rejected job it is
    the reason. `submission` goes up with each change of what there is to decide on.
    """

    class Target(models.TextChoices):
        ANY = "any", _("any printer that fits")
        PRINTER = "printer", _("one printer")
        TAG = "tag", _("printers with a tag")
        MODEL = "model", _("printers of a model")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(
        unique=True, editable=False, db_default=NextNumber("jobs_job_number")
    )
    name = models.CharField(_("name"), max_length=160)
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="jobs")
    plate = models.PositiveIntegerField(_("plate"), default=1)
    copies = models.PositiveIntegerField(
        _("copies"), default=1, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    copies_done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    target = models.CharField(_("print on"), max_length=8, choices=Target, default=Target.ANY)
    target_printer = models.ForeignKey(Printer, models.SET_NULL, null=True, blank=True, related_name="+")
    target_lent_id = models.UUIDField(null=True, blank=True)
    target_tag = models.ForeignKey(Tag, models.SET_NULL, null=True, blank=True, related_name="+")
    target_model = models.CharField(max_length=80, blank=True)
    filaments = models.JSONField(default=list, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    auto_start = models.BooleanField(_("start by itself"), default=False)
    position = models.FloatField(default=0)
    must_start_at = models.DateTimeField(null=True, editable=False)
    share = models.PositiveIntegerField(null=True, editable=False)
    notes = models.TextField(_("notes"), blank=True, max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    department = models.ForeignKey(Department, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    why_not = models.CharField(max_length=300, blank=True)
    decision_note = models.CharField(max_length=300, blank=True)
    submission = models.PositiveIntegerField(default=1)
    estimate_s = models.PositiveIntegerField(null=True)
    grams = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal(0))
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    failure_note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                F("priority").desc(), F("must_start_at").asc(nulls_last=True), F("share"), F("position"),
                F("id"),
                name="jobs_job_queue", condition=Q(state="queued"),
            ),
            models.Index(fields=["state", "-id"], name="jobs_job_by_state"),
            models.Index(fields=["by", "-id"], name="jobs_job_by_person"),
            models.Index(fields=["-ended_at"], name="jobs_job_ended"),
            models.Index(fields=["-created_at"], name="jobs_job_created"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Preset(models.Model):
    """Options of a job under a name, without a file: of one person, or of the organisation without `owner`.

    `filaments` are wishes as a job has them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+"
    )
    copies = models.PositiveIntegerField(
        _("copies"), default=1, validators=[MinValueValidator(1), MaxValueValidator(500)]
    )
    target = models.CharField(_("print on"), max_length=8, choices=Job.Target, default=Job.Target.ANY)
    target_printer = models.ForeignKey(Printer, models.SET_NULL, null=True, blank=True, related_name="+")
    target_tag = models.ForeignKey(Tag, models.SET_NULL, null=True, blank=True, related_name="+")
    target_model = models.CharField(max_length=80, blank=True)
    filaments = models.JSONField(default=list, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    auto_start = models.BooleanField(_("start by itself"), default=False)
    notes = models.TextField(_("notes"), blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                Lower("name"), "owner", name="jobs_preset_name_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class FailureReason(models.Model):
    """Why prints fail, in the organisation's own words. A retired one stays on the prints that have it."""

    class Fault(models.TextChoices):
        MACHINE = "machine", _("the machine")
        PERSON = "person", _("the file or the person")
        NOBODY = "nobody", _("nobody")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=60)
    fault = models.CharField(_("whose fault"), max_length=8, choices=Fault, default=Fault.MACHINE)
    retired_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="jobs_failurereason_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Print(models.Model):
    """One copy of a job on one plate. `dispatch_id` is the attempt that holds or held a printer; on a lent
    one there is no `printer` but `lent_id`, its station, and `printer_name` names its owner too.

    `note` is what the machine said, `finding` what a person did; `photo` is a path in the storage. `reprint`
    is the job that prints this copy again. `chosen_slots` are what a person chose for a start by hand:
    {"<the file's filament>": the printer's slot}. `reached` is how far the printer was last seen to be, as
    `jobs.reaching` keeps it. The costs are the sums of its charge lines, in the organisation's currency:
    `extra_cost` is labour, fees and surcharges; `energy_kwh` is an estimate (jobs.charging.rules).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="prints")
    copy = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=PrintState, default=PrintState.WAITING)
    printer = models.ForeignKey(Printer, models.SET_NULL, null=True, related_name="prints")
    lent_id = models.UUIDField(null=True)
    printer_name = models.CharField(max_length=80, blank=True)
    dispatch_id = models.UUIDField(null=True)
    estimate_s = models.PositiveIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    printed_s = models.PositiveIntegerField(null=True)
    progress = models.FloatField(null=True)
    reached = models.JSONField(default=dict)
    grams = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    material_cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    machine_cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    energy_kwh = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    energy_cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    extra_cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    spools = models.JSONField(default=list)
    chosen_slots = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    verdict = models.CharField(max_length=6, choices=Verdict, blank=True)
    reason = models.ForeignKey(FailureReason, models.PROTECT, null=True, related_name="prints")
    finding = models.CharField(max_length=300, blank=True)
    photo = models.CharField(max_length=200, blank=True)
    judged_by = models.CharField(max_length=200, blank=True)
    judged_at = models.DateTimeField(null=True)
    reprint = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="instead_of")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["job", "copy"], name="jobs_print_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["printer", "-started_at"], name="jobs_print_of_printer"),
            models.Index(
                fields=["state"],
                name="jobs_print_open",
                condition=Q(state__in=["sending", "printing", "paused"]),
            ),
            models.Index(fields=["-started_at"], name="jobs_print_started"),
            models.Index(fields=["-ended_at"], name="jobs_print_ended"),
            models.Index(
                fields=["-ended_at"],
                name="jobs_print_bad",
                condition=Q(state__in=["failed", "cancelled"]) | Q(verdict="reject"),
            ),
            models.Index(fields=["job"], name="jobs_print_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.job} ({self.copy})"

    @property
    def cost(self) -> Decimal | None:
        """All that it is charged, in the organisation's currency; None until it has ended."""
        parts = (self.material_cost, self.machine_cost, self.energy_cost, self.extra_cost)
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) if known else None


class Event(models.Model):
    """A line of a job's history."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    state = models.CharField(max_length=10, choices=JobState)
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        # A print that was paused tells nothing of how long it takes.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["job", "at"], name="jobs_event_paused", condition=Q(state="paused"))
        ]

    def __str__(self) -> str:
        return f"{self.job}: {self.state}"
