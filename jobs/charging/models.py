"""Rate cards, the lines that prints are charged by, and the months that are closed."""

from decimal import Decimal
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from .rules import Bearer, Kind, Policy, Unit

MOST_PRICE = Decimal(100_000)
MOST_WATTS = 20_000
AT_LEAST_NOTHING = MinValueValidator(Decimal(0))


def _price(label: Any, help_text: Any = "") -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        label, max_digits=10, decimal_places=4, default=Decimal(0), help_text=help_text,
        validators=[AT_LEAST_NOTHING, MaxValueValidator(MOST_PRICE)],
    )  # fmt: skip


class RateCard(models.Model):
    """Prices from a day on, in one currency, until the next card's. One that has begun never changes.

    `by_model` are printers' own prices: [{"model", "per_hour", "watts"}], where None is as for all;
    `by_department` what departments pay more or less: [{"department_id", "percent"}].
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    valid_from = models.DateField(_("valid from"))
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    per_hour = _price(_("machine hour"), _("A printer's own price per hour comes first, where it has one."))
    watts = models.PositiveIntegerField(
        _("watts while printing"), default=0, validators=[MaxValueValidator(MOST_WATTS)]
    )
    per_kwh = _price(_("price per kWh"))
    labour_per_print = _price(_("labour for each print"))
    labour_per_hour = _price(_("labour for each hour printed"))
    fee_per_job = _price(_("fee for each job"), _("Once a job, however many copies."))
    failure_percent = models.DecimalField(
        _("failure surcharge, %"), max_digits=5, decimal_places=2, default=Decimal(0),
        validators=[AT_LEAST_NOTHING, MaxValueValidator(Decimal(100))],
        help_text=_("On top of every good print, for the failures that the organisation bears."),
    )  # fmt: skip
    policy = models.CharField(
        _("a failed print is paid by"), max_length=10, choices=Policy, default=Policy.FAULT
    )
    by_model = models.JSONField(default=list, blank=True, editable=False)
    by_department = models.JSONField(default=list, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-valid_from"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="jobs_ratecard_once")
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.valid_from.isoformat()}"


class KeptSet(models.QuerySet["ChargeLine"]):
    """Lines are written once: a mistake is met by another line, never by a change."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("a charge line never changes: write a counter-entry")

    def delete(self) -> NoReturn:
        raise TypeError("a charge line is never deleted: write a counter-entry")


class ChargeLine(models.Model):
    """So much of something at a price. It names by their bare ids what may be deleted while it stays.

    `day` is the one it counts for, in the organisation's zone as it then was: the print's end, or when its
    month was closed by then, the day it was written. `counters` is the line that it takes back; `turn` counts
    how often a print's line of this kind was written anew. `department_id` is whose job it was, also where
    the organisation bears it. `reason` says why it was written later, `by_hand` that a person did so.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    day = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)
    part = models.PositiveSmallIntegerField(default=0)
    turn = models.PositiveIntegerField(default=0)
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    unit = models.CharField(max_length=7, choices=Unit)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    bearer = models.CharField(max_length=10, choices=Bearer, default=Bearer.DEPARTMENT)
    department_id = models.UUIDField(null=True)
    department_name = models.CharField(max_length=80, blank=True)
    job_id = models.UUIDField(null=True)
    job_name = models.CharField(max_length=180, blank=True)
    print_id = models.UUIDField(null=True)
    copy = models.PositiveIntegerField(null=True)
    printer_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    card = models.ForeignKey(RateCard, models.PROTECT, null=True, related_name="lines")
    counters = models.OneToOneField("self", models.PROTECT, null=True, related_name="countered_by")
    reason = models.CharField(max_length=300, blank=True)
    by_hand = models.BooleanField(default=False)
    by = models.CharField(max_length=200, blank=True)

    objects = KeptSet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["print_id", "kind", "part", "turn"], name="jobs_chargeline_once",
                condition=Q(counters=None, print_id__isnull=False),
            )
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day", "department_id"], name="jobs_chargeline_day"),
            models.Index(fields=["job_id"], name="jobs_chargeline_job"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount} {self.currency}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a charge line never changes: write a counter-entry")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("a charge line is never deleted: write a counter-entry")


class MonthClose(models.Model):
    """A month, by its first day, that takes no more lines; it is never opened again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    month = models.DateField(unique=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
