"""Filament, spools and what was taken off them."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs.numbering import NextNumber
from printers.hues import Hue
from printers.models import Slot

from .drying.models import Drying as Drying
from .drying.models import DryingRule as DryingRule

# A spool is low when less than this share of its filament is left.
LOW_SHARE = Decimal("0.15")
MOST_REEL_G = Decimal(5000)
COLOR = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("Give the colour as #RRGGBB."))


class Filament(models.Model):
    """A product that can be bought again. `price_per_kg` is what a new spool usually costs.

    Less than `low_g` grams on all its spools together are too few; null: nobody wants to be told.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    material = models.CharField(_("material"), max_length=40)
    brand = models.CharField(_("brand"), max_length=60, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    color = models.CharField(_("colour"), max_length=7, default="#808080", validators=[COLOR])
    color_name = models.CharField(_("colour's name"), max_length=40, blank=True)
    density = models.DecimalField(
        _("density"), max_digits=4, decimal_places=2, default=Decimal("1.24"),
        validators=[MinValueValidator(Decimal("0.5")), MaxValueValidator(Decimal(5))],
    )  # fmt: skip
    diameter_mm = models.DecimalField(
        _("diameter"), max_digits=4, decimal_places=2, default=Decimal("1.75"),
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(4))],
    )  # fmt: skip
    price_per_kg = models.DecimalField(
        _("price per kg"),
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
    )
    nozzle_c = models.PositiveSmallIntegerField(
        _("nozzle temperature"), null=True, blank=True, validators=[MaxValueValidator(600)]
    )
    bed_c = models.PositiveSmallIntegerField(
        _("bed temperature"), null=True, blank=True, validators=[MaxValueValidator(300)]
    )
    low_g = models.DecimalField(
        _("reorder below"), max_digits=9, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    reorder_url = models.CharField(
        _("where to buy it"), max_length=300, blank=True, validators=[URLValidator(["https", "http"])]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["material", "brand", "color_name"]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.brand, self.name or self.material, self.color_name)))


class SpoolTag(models.Model):
    """A word that people put on spools, drawn as the tags of printers are."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=40)
    hue = models.CharField(_("colour"), max_length=8, choices=Hue, default=Hue.SLATE)

    class Meta:
        ordering: ClassVar[list[Any]] = [Lower("name")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="inventory_spooltag_name_ci")
        ]

    def __str__(self) -> str:
        return self.name


class Reel(models.Model):
    """What an empty reel of a brand weighs, in grams; `name` tells the brand's reels apart."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    brand = models.CharField(_("brand"), max_length=60)
    name = models.CharField(_("reel"), max_length=80, blank=True)
    grams = models.DecimalField(
        _("grams when empty"), max_digits=7, decimal_places=2,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_REEL_G)],
    )  # fmt: skip

    class Meta:
        ordering: ClassVar[list[str]] = ["brand", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("brand"), Lower("name"), name="inventory_reel_once")
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.brand, self.name)))


class Location(models.Model):
    """A place for spools. Spools name it by its very text (`Spool.location`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    is_dry_box = models.BooleanField(_("dry box"), default=False)
    humidity_percent = models.PositiveSmallIntegerField(
        _("relative humidity"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("name"), name="inventory_location_once")
        ]

    def __str__(self) -> str:
        return self.name


class Spool(models.Model):
    """One roll. `initial_g` and `used_g` are filament without the reel; `cost` is for `initial_g`.

    `reel_g` is what the empty reel weighs, `tag_uid` what a printer reads of its tag, in capitals.
    `left_source` says what the grams left rest on, `dried_at` when the latest of its dryings ended.
    `external_id` is what another program calls it, such as "spoolman:12"; importing again finds it by that.
    """

    class Source(models.TextChoices):
        PRINTED = "printed", _("counted print by print")
        WEIGHED = "weighed", _("weighed")
        ESTIMATED = "estimated", _("partly estimated")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(
        unique=True, editable=False, db_default=NextNumber("inventory_spool_number")
    )
    filament = models.ForeignKey(Filament, models.PROTECT, related_name="spools", verbose_name=_("filament"))
    initial_g = models.DecimalField(
        _("grams when new"), max_digits=9, decimal_places=2, default=Decimal(1000),
        validators=[MinValueValidator(1), MaxValueValidator(50_000)],
    )  # fmt: skip
    used_g = models.DecimalField(max_digits=9, decimal_places=2, default=Decimal(0))
    cost = models.DecimalField(
        _("cost"), max_digits=8, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(0)]
    )
    left_source = models.CharField(max_length=9, choices=Source, default=Source.PRINTED, editable=False)
    reel_g = models.DecimalField(
        _("empty reel"), max_digits=7, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MOST_REEL_G)],
    )  # fmt: skip
    tag_uid = models.CharField(_("RFID tag"), max_length=40, blank=True)
    supplier = models.CharField(_("supplier"), max_length=80, blank=True)
    lot = models.CharField(_("lot"), max_length=60, blank=True)
    location = models.CharField(_("location"), max_length=80, blank=True)
    slot = models.OneToOneField(Slot, models.SET_NULL, null=True, blank=True, related_name="spool")
    opened_at = models.DateTimeField(null=True, blank=True)
    dried_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    tags = models.ManyToManyField(SpoolTag, blank=True, related_name="spools", verbose_name=_("tags"))
    notes = models.TextField(_("notes"), blank=True, max_length=2000)
    external_id = models.CharField(_("external id"), max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["tag_uid"], condition=~Q(tag_uid=""), name="inventory_spool_tag_once"
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="inventory_spool_external_id"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["location"], name="inventory_spool_location")
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.filament}"

    @property
    def left_g(self) -> Decimal:
        return max(Decimal(0), self.initial_g - self.used_g)

    @property
    def share_left(self) -> float:
        """What is left of what was there when new, 0 to 1; a little above it for a generous maker."""
        return float(self.left_g / self.initial_g) if self.initial_g else 0.0

    @property
    def is_low(self) -> bool:
        """Less than LOW_SHARE is left."""
        return self.left_g < self.initial_g * LOW_SHARE

    @property
    def price_per_g(self) -> Decimal:
        return self.cost / self.initial_g if self.initial_g else Decimal(0)


class Usage(models.Model):
    """Grams taken off a spool (negative: given back), once for each `reference`.

    `extruder` is the file's filament that a print took them for, from 0.
    """

    class Kind(models.TextChoices):
        MEASURED = "measured", _("as the printer measured")
        SLICED = "sliced", _("as the file says")
        ESTIMATED = "estimated", _("estimated by how far it came")
        WEIGHED = "weighed", _("weighed")
        BEFORE = "before", _("used before it was added")
        IMPORTED = "imported", _("imported")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    spool = models.ForeignKey(Spool, models.PROTECT, related_name="usages")
    reference = models.CharField(max_length=80, unique=True)
    print_id = models.UUIDField(null=True)
    extruder = models.PositiveSmallIntegerField(null=True)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.SLICED)
    grams = models.DecimalField(max_digits=9, decimal_places=2)
    note = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(F("spool"), F("at").desc(), F("id").desc(), name="inventory_usage_ledger"),
            # What was printed in the last month is summed from the index alone.
            models.Index(
                fields=["at"],
                include=["spool", "grams"],
                condition=Q(print_id__isnull=False),
                name="inventory_usage_printed",
            ),
            models.Index(fields=["print_id"], name="inventory_usage_print"),
        ]

    def __str__(self) -> str:
        return f"{self.grams} g of {self.spool}"


class SpoolImport(models.Model):
    """A file of spools that somebody looks through before it is taken in, once.

    `path` is where it lies until then; `sets_left` lets it say what is left on spools that are known.
    """

    class Source(models.TextChoices):
        CSV = "csv", _("CSV file")
        SPOOLMAN = "spoolman", _("Spoolman")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=10, choices=Source, default=Source.CSV)
    name = models.CharField(max_length=300)
    path = models.CharField(max_length=200, blank=True)
    sets_left = models.BooleanField(default=False)
    with_archived = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.name
