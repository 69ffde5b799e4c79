"""Colours in forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ui.contrast import HEX


class ColourField(forms.CharField):
    """ "#rrggbb" in small letters, or nothing; it is taken without the mark and with three digits too."""

    widget = forms.TextInput({"autocomplete": "off", "spellcheck": "false", "data-colour": ""})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=20, **kwargs)

    def clean(self, value: Any) -> str:
        said = super().clean(value).lower()
        if not said:
            return ""
        digits = said.removeprefix("#")
        colour = "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits)
        if not HEX.match(colour):
            raise ValidationError(_("Write the colour as # and six digits, as in #0b666b."))
        return colour
