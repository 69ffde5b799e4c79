"""Machines lent to other organisations, and what it cost them: public, as two organisations are concerned.

No file name and no person is stored here.
"""

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs.models import Org

from .terms import Terms, hours_of

MOST_PRICE = Decimal(1000)
PRICE = [MinValueValidator(0), MaxValueValidator(MOST_PRICE)]
NO_LIMIT = _("0: no limit.")


class OfferManager(models.Manager["Offer"]):
    """Offers are asked for by an organisation, in one of two parts: the table is everybody's."""

    def by(self, owner: Org) -> "models.QuerySet[Offer]":
        """Those that `owner` makes or made."""
        return self.filter(station__owner=owner, station__deleted_at=None).select_related("station__owner")

    def to(self, borrower: Org) -> "models.QuerySet[Offer]":
        """Those that hold now for `borrower`: both organisations are at work."""
        named = OfferOrg.objects.filter(org=borrower).values("offer")
        return (
            self.filter(Q(to_all=True) | Q(pk__in=named), state=Offer.State.OFFERED)
            .filter(station__deleted_at=None, station__owner__state=Org.State.ACTIVE)
            # Read anew: a long process has known its organisation for days.
            .filter(Exists(Org.objects.filter(pk=borrower.pk, state=Org.State.ACTIVE)))
            .exclude(station__owner=borrower)
            .select_related("station__owner")
        )


class Offer(models.Model):
    """A machine offered to others; each change of anything raises `version`.

    `hours` are ranges by weekday in the owner's zone (orgs.working_hours), none for always; `materials` none
    for any. The limits are for each borrower, 0 for none; an OfferOrg may have its own.
    """

    class State(models.TextChoices):
        OFFERED = "offered", _("offered")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    station = models.OneToOneField("stations.Station", models.PROTECT, related_name="offer")
    state = models.CharField(max_length=9, choices=State, default=State.OFFERED)
    version = models.PositiveIntegerField(default=1)
    to_all = models.BooleanField(_("to every organisation on this server"), default=False)
    hours = models.JSONField(default=dict, blank=True)
    materials = models.JSONField(default=list, blank=True)
    most_grams = models.PositiveIntegerField(
        _("grams a job, at most"), default=0, validators=[MaxValueValidator(1_000_000)], help_text=NO_LIMIT
    )
    prints_per_week = models.PositiveIntegerField(
        _("prints a week, at most"), default=0, validators=[MaxValueValidator(100_000)], help_text=NO_LIMIT
    )
    hours_per_week = models.PositiveIntegerField(
        _("hours a week, at most"), default=0, validators=[MaxValueValidator(168)], help_text=NO_LIMIT
    )
    per_hour = models.DecimalField(
        _("price per hour"), max_digits=8, decimal_places=2, default=Decimal(0), validators=PRICE
    )
    per_gram = models.DecimalField(
        _("price per gram"), max_digits=9, decimal_places=4, default=Decimal(0), validators=PRICE
    )
    owner_first = models.BooleanField(_("our own jobs go first"), default=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = OfferManager()

    def __str__(self) -> str:
        return f"{self.pk} ({self.state})"

    @property
    def is_offered(self) -> bool:
        return self.state == self.State.OFFERED

    def terms(self, own: "OfferOrg | None" = None) -> Terms:
        """What it says to a borrower, who may have limits of its `own`. Reads the owner."""
        owner = self.station.owner
        limits: dict[str, Any] = {
            name: getattr(own, name) if own and getattr(own, name) is not None else getattr(self, name)
            for name in ("most_grams", "prints_per_week", "hours_per_week")
        }
        return Terms(
            offer=self.pk,
            version=self.version,
            owner=owner.name,
            currency=owner.currency,
            per_hour=self.per_hour,
            per_gram=self.per_gram,
            hours=hours_of(self.hours),
            zone=owner.time_zone,
            materials=tuple(self.materials),
            owner_first=self.owner_first,
            **limits,
        )


class OfferOrg(models.Model):
    """An organisation that an offer is made to, with limits of its own; null where the offer's hold."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="borrowers")
    org = models.ForeignKey(Org, models.CASCADE, related_name="+")
    most_grams = models.PositiveIntegerField(null=True, blank=True)
    prints_per_week = models.PositiveIntegerField(null=True, blank=True)
    hours_per_week = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["offer", "org"], name="stations_offerorg_once")
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.org_id}"


class Charge(models.Model):
    """What a borrowed print, or a correction of it, costs the borrower: a line in both ledgers has its id.

    `number` is 0 for the print itself, then counts corrections. The amount is in the owner's currency.
    """

    class Kind(models.TextChoices):
        PRINT = "print", _("print")
        CORRECTION = "correction", _("correction")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dispatch = models.ForeignKey("stations.Dispatch", models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PRINT)
    number = models.PositiveSmallIntegerField(default=0)
    grams = models.DecimalField(max_digits=9, decimal_places=2)
    seconds = models.IntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["dispatch", "kind", "number"], name="stations_charge_once")
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.kind} {self.number}: {self.amount} {self.currency}"
