"""Forms beside the printers' list: tags and saved views."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .hues import Hue


class TagForm(forms.Form):
    """A tag's name, which may hold no comma: lists of tags are written with commas."""

    name = forms.CharField(label=_("Name"), max_length=40)
    hue = forms.ChoiceField(label=_("Colour"), choices=Hue.choices, initial=Hue.SLATE)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if "," in name:
            raise ValidationError(gettext("Leave the comma out: it stands between tags."))
        return name


class SavedViewForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=8000, required=False)
    opens = forms.BooleanField(
        label=_("Open the printers with it"),
        required=False,
        help_text=_("Whenever you come to the printers, until you choose otherwise."),
    )
    replace = forms.BooleanField(label=_("Replace it"), required=False)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())
