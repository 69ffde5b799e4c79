"""An organisation's printers, their slots and tags."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from stations.models import Station

from .beds import BedForm
from .hues import Hue
from .states import PrinterState


class Tag(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=40)
    hue = models.CharField(_("colour"), max_length=8, choices=Hue, default=Hue.SLATE)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="printers_tag_name_ci")
        ]

    def __str__(self) -> str:
        return self.name


class Printer(models.Model):
    """A printer; its id is its station's. `secret` is encrypted (printers.credentials), never shown again.

    `failed_in_row` counts failed prints since a good one; since `held_at` nothing starts by itself for it.
    `ejects`: it takes its finished prints off the plate by itself.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    protocol = models.CharField(_("protocol"), max_length=20)
    model = models.CharField(_("model"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=200)
    port = models.PositiveIntegerField(_("port"), default=0)
    file_port = models.PositiveIntegerField(_("file port"), default=0)
    prefix = models.CharField(max_length=200, blank=True)
    tls = models.BooleanField(default=False)
    serial = models.CharField(_("serial number"), max_length=60, blank=True)
    user = models.CharField(_("user"), max_length=60, blank=True)
    secret = models.TextField(blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    bed_x_mm = models.FloatField(_("bed width"), null=True, blank=True, validators=[MinValueValidator(1)])
    bed_y_mm = models.FloatField(_("bed depth"), null=True, blank=True, validators=[MinValueValidator(1)])
    bed_z_mm = models.FloatField(_("height"), null=True, blank=True, validators=[MinValueValidator(1)])
    bed_form = models.CharField(_("bed"), max_length=8, choices=BedForm, default=BedForm.CORNER)
    bed_tolerance_mm = models.FloatField(
        _("tolerance"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(5)]
    )
    nozzle_mm = models.FloatField(_("nozzle"), null=True, blank=True, validators=[MinValueValidator(0.05)])
    hardened_nozzle = models.BooleanField(_("hardened nozzle"), default=False)
    location = models.CharField(_("location"), max_length=80, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="printers", verbose_name=_("tags"))
    enabled = models.BooleanField(_("enabled"), default=True)
    out_of_service_reason = models.CharField(_("out of service because"), max_length=200, blank=True)
    auto_queue = models.BooleanField(_("start jobs by itself"), default=False)
    ejects = models.BooleanField(_("takes finished prints off its plate by itself"), default=False)
    failed_in_row = models.PositiveSmallIntegerField(default=0, editable=False)
    held_at = models.DateTimeField(null=True, editable=False)
    rate_per_hour = models.DecimalField(
        _("price per hour"),
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    notes = models.TextField(_("notes"), blank=True, max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="printers_printer_name_ci")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def held_after(self) -> int:
        """The failed prints in a row for which it is held; 0 if it is not."""
        return max(1, self.failed_in_row) if self.held_at else 0

    @property
    def station(self) -> Station:
        return Station.objects.get(pk=self.pk)

    @property
    def bed_mm(self) -> tuple[float, float, float] | None:
        if self.bed_x_mm and self.bed_y_mm and self.bed_z_mm:
            return (self.bed_x_mm, self.bed_y_mm, self.bed_z_mm)
        return None


class SavedView(models.Model):
    """What one person's list of printers shows, under a name: the query string, without the page.

    `opens`: the list opens with it when its address asks for nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(max_length=2000)
    opens = models.BooleanField(_("open the printers with it"), default=False)

    class Meta:
        ordering: ClassVar[list[Any]] = [Lower("name")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("user", Lower("name"), name="printers_savedview_name_once"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(opens=True), name="printers_savedview_one_opens"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Slot(models.Model):
    """A place for a spool, from 0. `material`, `color`, `tag` and `kind` are what the printer tells of it.

    `is_filled` is whether it says that something is in it; null where it does not say.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    printer = models.ForeignKey(Printer, models.CASCADE, related_name="slots")
    index = models.PositiveSmallIntegerField()
    material = models.CharField(max_length=40, blank=True)
    color = models.CharField(max_length=7, blank=True, validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$")])
    tag = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    is_filled = models.BooleanField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["printer", "index"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["printer", "index"], name="printers_slot_once")
        ]

    def __str__(self) -> str:
        return gettext("%(printer)s, slot %(number)d") % {"printer": self.printer, "number": self.index + 1}


class Reading(models.Model):
    """What a printer measured in one minute of a print (printers.telemetry): degrees Celsius, shares of 1.

    `at` is the minute's beginning.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    printer = models.ForeignKey(Printer, models.CASCADE, related_name="readings", db_index=False)
    at = models.DateTimeField()
    nozzle_c = models.FloatField(null=True)
    bed_c = models.FloatField(null=True)
    chamber_c = models.FloatField(null=True)
    progress = models.FloatField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["printer", "at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["printer", "at"], name="printers_reading_once")
        ]
        # Rows are written in the order of time: old ones are found by ranges of pages, for next to nothing.
        indexes: ClassVar[list[models.Index]] = [BrinIndex(fields=["at"], name="printers_reading_at")]

    def __str__(self) -> str:
        return f"{self.printer}, {self.at}"


class Stretch(models.Model):
    """A time in which a printer was shown in one state (printers.history); the one that lasts has no `until`.

    `for_plate`: it would have been ready but for its plate. Those of a deleted printer have none.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    printer = models.ForeignKey(Printer, models.SET_NULL, null=True, related_name="stretches", db_index=False)
    state = models.CharField(max_length=14, choices=PrinterState)
    for_plate = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["printer", "since"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["printer"], condition=models.Q(until=None), name="printers_stretch_one_lasts"
            )
        ]
        # Of a printer the one before a time; of all those that began in a range of time.
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["printer", "-since"], name="printers_stretch_of_printer"),
            models.Index(fields=["since"], name="printers_stretch_since"),
        ]

    def __str__(self) -> str:
        return f"{self.printer}: {self.state}"
