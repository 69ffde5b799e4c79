"""Moments that people type, in the organisation's zone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

YEARS = (1970, 9998)


class MomentField(forms.DateTimeField):
    """A time by the clock on the wall. One that comes twice is the first; one that is skipped is refused."""

    def to_python(self, value: Any) -> datetime | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        with timezone.override("UTC"):
            read = super().to_python(value)
        if read is None or "+" in value or value.strip().endswith("Z"):
            return read
        zone = timezone.get_current_timezone()
        wall = read.replace(tzinfo=None)
        if not YEARS[0] <= wall.year <= YEARS[1]:
            raise ValidationError(_("Give a year from %d to %d.") % YEARS)
        found = wall.replace(tzinfo=zone).astimezone(UTC)
        if found.astimezone(zone).replace(tzinfo=None) != wall:
            later = (wall + timedelta(hours=1)).strftime("%H:%M")
            raise ValidationError(
                _("The clocks go forward then: this time does not exist. Did you mean %(later)s?"),
                params={"later": later},
            )
        return found
