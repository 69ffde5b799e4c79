"""Filament, spools and what was taken off them."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs.numbering import NextNumber
from printers.models import Slot

# A spool is low when less than this share of its filament is left.
LOW_SHARE = Decimal("0.15")
COLOR = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("Give the colour as #RRGGBB."))


class Filament(models.Model):
    """A product that can be bought again. `price_per_kg` is what a new spool usually costs."""

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
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["material", "brand", "color_name"]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.brand, self.name or self.material, self.color_name)))


class Spool(models.Model):
    """One roll. `initial_g` and `used_g` are filament without the reel; `cost` is for `initial_g`.

    `external_id` is what another program calls it, such as "spoolman:12"; importing again finds it by that.
    """

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
    lot = models.CharField(_("lot"), max_length=60, blank=True)
    location = models.CharField(_("location"), max_length=80, blank=True)
    slot = models.OneToOneField(Slot, models.SET_NULL, null=True, blank=True, related_name="spool")
    opened_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=2000)
    external_id = models.CharField(_("external id"), max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="inventory_spool_external_id"
            ),
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
    """Grams taken off a spool (negative: given back), once for each `reference`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    spool = models.ForeignKey(Spool, models.PROTECT, related_name="usages")
    reference = models.CharField(max_length=80, unique=True)
    print_id = models.UUIDField(null=True)
    grams = models.DecimalField(max_digits=9, decimal_places=2)
    note = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(F("spool"), F("at").desc(), name="inventory_usage_ledger"),
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
