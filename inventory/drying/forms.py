"""What people type about drying."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from inventory.filament import plain_name
from inventory.models import Drying, Spool
from jobs.moments import MomentField

from . import fields
from .models import check_end
from .sessions import MOST_AT_ONCE, SAID

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
BETWEEN = re.compile(r"[\s,;#]+")


class SpoolsField(forms.CharField):
    """Spools by their numbers, as they are read off or scanned; cleans to the spools."""

    def clean(self, value: Any) -> list[Spool]:
        words = [word for word in BETWEEN.split(super().clean(value)) if word]
        odd = [word for word in words if not (word.isdecimal() and len(word) < 10)]
        if odd:
            raise ValidationError(_now("Give the numbers of spools, such as 12, 15; not “%s”.") % odd[0][:40])
        numbers = list(dict.fromkeys(int(word) for word in words))
        if not numbers:
            raise ValidationError(_now("Give the number of at least one spool."))
        if len(numbers) > MOST_AT_ONCE:
            raise ValidationError(_now("At most %d spools at once.") % MOST_AT_ONCE)
        found = {spool.number: spool for spool in Spool.objects.filter(number__in=numbers)}
        if missing := [number for number in numbers if number not in found]:
            raise ValidationError(_now("There is no spool #%d.") % missing[0])
        return [found[number] for number in numbers]


class SessionForm(forms.Form):
    """One session, as it was or is to be."""

    at = MomentField(label=_("Ended"), widget=MOMENT, validators=[check_end])
    temperature_c = fields.temperature_field()
    hours = fields.hours_field()
    humidity_before = fields.humidity_before_field()
    humidity_after = fields.humidity_after_field()
    device = fields.device_field()
    note = fields.note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["device"].widget.attrs |= {"list": "devices", "autocomplete": "off"}

    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SAID}

    def take(self, error: ValidationError) -> None:
        """Show what the domain found wrong by its field."""
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)


class BatchForm(SessionForm):
    spools = SpoolsField(
        label=_("Spools"),
        help_text=_("Their numbers, several by commas or blanks: 12, 15. A scanner may type them."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    field_order = ("spools", *SAID)


class RuleForm(forms.Form):
    material = forms.CharField(
        label=_("Material"),
        max_length=40,
        help_text=_("PA is for PA6-CF too, unless PA6-CF has a rule of its own."),
        widget=forms.TextInput(attrs={"list": "materials", "autocomplete": "off"}),
    )
    temperature_c = fields.temperature_field()
    hours = fields.hours_field()
    valid_days = fields.days_field()

    def clean_material(self) -> str:
        name = plain_name(self.cleaned_data["material"])
        if not name:
            raise ValidationError(_now("Name the material, as PETG or PA-CF."))
        return name


def begun_with(spools: Sequence[Spool], advice: dict[str, Any]) -> dict[str, Any]:
    """What the form for these spools shows at first: ended now, as their rules advise."""
    hours = advice.get("hours")
    return {
        "spools": ", ".join(str(spool.number) for spool in spools),
        "at": timezone.localtime().replace(second=0, microsecond=0),
        **advice,
        **({"hours": f"{hours:g}"} if hours else {}),
    }


def as_it_was(drying: Drying) -> dict[str, Any]:
    return {name: getattr(drying, name) for name in SAID} | {"hours": f"{float(drying.hours):g}"}
