"""Sessions of drying, and how an organisation dries its materials."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

LEAST_C, MOST_C = 30, 200
LEAST_H, MOST_H = Decimal("0.1"), Decimal(240)
MOST_DAYS = 730
LONGEST_DEVICE, LONGEST_NOTE = 60, 500
# Clocks differ a little, and a form is filled in before it is sent.
AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=3650)


def check_temperature(given: Any) -> None:
    if not LEAST_C <= given <= MOST_C:
        words = gettext("Filament is dried at %(least)d to %(most)d °C, not at %(given)s.")
        raise ValidationError(words % {"least": LEAST_C, "most": MOST_C, "given": given})


def check_hours(given: Any) -> None:
    if not LEAST_H <= given <= MOST_H:
        words = gettext("Give the hours as more than 0 and at most %(most)d, not %(given)s.")
        raise ValidationError(words % {"most": MOST_H, "given": given})


def check_humidity(given: Any) -> None:
    if not 0 <= given <= 100:
        raise ValidationError(gettext("Humidity is 0 to 100 %%, not %(given)s.") % {"given": given})


def check_end(given: datetime) -> None:
    now = timezone.now()
    if given > now + AHEAD:
        raise ValidationError(gettext("That is still to come. Write it down when the drying has ended."))
    if given < now - OLDEST:
        raise ValidationError(gettext("That is more than ten years ago."))


def check_days(given: Any) -> None:
    if not 1 <= given <= MOST_DAYS:
        words = gettext("Give 1 to %(most)d days, or leave it empty for no reminder.")
        raise ValidationError(words % {"most": MOST_DAYS})


class Drying(models.Model):
    """One spool in a dryer. `at` is when it ended; humidity in percent, as the device showed it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    spool = models.ForeignKey("inventory.Spool", models.CASCADE, related_name="dryings", db_index=False)
    at = models.DateTimeField(_("ended"), validators=[check_end])
    temperature_c = models.IntegerField(_("temperature"), validators=[check_temperature])
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1, validators=[check_hours])
    humidity_before = models.IntegerField(
        _("humidity before"), null=True, blank=True, validators=[check_humidity]
    )
    humidity_after = models.IntegerField(
        _("humidity after"), null=True, blank=True, validators=[check_humidity]
    )
    device = models.CharField(_("device"), max_length=LONGEST_DEVICE, blank=True)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(F("spool"), F("at").desc(), name="inventory_drying_spool"),
            models.Index(F("at").desc(), name="inventory_drying_at"),
        ]

    def __str__(self) -> str:
        words = gettext("%(spool)s, %(temperature)s °C for %(hours)s h")
        return words % {
            "spool": self.spool,
            "temperature": self.temperature_c,
            "hours": f"{float(self.hours):g}",
        }

    @property
    def began_at(self) -> datetime:
        return self.at - timedelta(hours=float(self.hours))


class DryingRule(models.Model):
    """How this organisation dries a material, instead of the usual rule of `materials.USUAL`.

    `material` is as `inventory.filament.plain_name` makes it. Without `valid_days` there is no reminder.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    material = models.CharField(_("material"), max_length=40, unique=True)
    temperature_c = models.IntegerField(_("temperature"), validators=[check_temperature])
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1, validators=[check_hours])
    valid_days = models.IntegerField(_("stays dry for"), null=True, blank=True, validators=[check_days])

    class Meta:
        ordering: ClassVar[list[str]] = ["material"]

    def __str__(self) -> str:
        return self.material
