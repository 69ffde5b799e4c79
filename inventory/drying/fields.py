"""The fields of a session: the same on its page, in the bulk bar and for the API's bulk runs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from models3d.naming import clean_text

from .models import (
    LONGEST_DEVICE,
    LONGEST_NOTE,
    MOST_C,
    MOST_DAYS,
    MOST_H,
    check_days,
    check_hours,
    check_humidity,
    check_temperature,
)


class LineField(forms.CharField):
    """One line, without what can't be seen."""

    def clean(self, value: Any) -> str:
        return clean_text(super().clean(value))


def _number(most: object, step: str = "1", mode: str = "numeric") -> forms.NumberInput:
    return forms.NumberInput(attrs={"inputmode": mode, "step": step, "min": "0", "max": str(most)})


def temperature_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Temperature in °C"), validators=[check_temperature], widget=_number(MOST_C)
    )


def hours_field() -> forms.DecimalField:
    return forms.DecimalField(
        label=_("Hours"),
        decimal_places=1,
        max_digits=8,
        validators=[check_hours],
        widget=_number(MOST_H, "0.1", "decimal"),
    )


def humidity_before_field() -> forms.IntegerField:
    return _humidity(_("Humidity before, %"))


def humidity_after_field() -> forms.IntegerField:
    return _humidity(_("Humidity after, %"))


def _humidity(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, validators=[check_humidity], widget=_number(100))


def device_field() -> forms.CharField:
    return LineField(label=_("Device"), max_length=LONGEST_DEVICE, required=False)


def note_field() -> forms.CharField:
    return LineField(label=_("Note"), max_length=LONGEST_NOTE, required=False)


def days_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Stays dry for … days"),
        required=False,
        validators=[check_days],
        widget=_number(MOST_DAYS),
        help_text=_("In open air, from the end of the drying. Empty: nobody is reminded."),
    )
