"""The form of the branding."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ui.contrast import DARK, LIGHT

from . import branding, logos
from .colours import ColourField
from .models import Org


class BrandForm(forms.Form):
    """`logo` cleans to a PNG of ours. `logo_remove` counts only where no new one comes."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("In the header, in mails and on reports."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, at most 4 MB. It is drawn 640 by 160 pixels large at most."
        ),
        widget=forms.FileInput({"accept": logos.ACCEPTED}),
    )
    logo_remove = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)
    accent = ColourField(
        label=gettext_lazy("Accent colour"),
        help_text=gettext_lazy(
            "Of the primary button, links and the active place. Empty: the platform's own."
        ),
    )
    accent_dark = ColourField(
        label=gettext_lazy("In the dark theme"),
        help_text=gettext_lazy("Empty: the nearest shade of it that can be read on dark."),
    )

    def __init__(self, *args: Any, org: Org, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(org, name) for name in ("name", "accent", "accent_dark")}
        super().__init__(*args, **kwargs)
        if not org.logo:
            del self.fields["logo_remove"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_logo(self) -> bytes:
        file = self.cleaned_data["logo"]
        return logos.taken_in(file) if file else b""

    def clean_accent(self) -> str:
        return self._readable(LIGHT, self.cleaned_data["accent"])

    def clean_accent_dark(self) -> str:
        return self._readable(DARK, self.cleaned_data["accent_dark"])

    def _readable(self, theme: str, colour: str) -> str:
        try:
            if colour:
                branding.check(theme, colour)
        except branding.Unreadable as reason:
            raise ValidationError(
                str(reason), code="unreadable", params={"nearest": reason.nearest}
            ) from None
        return colour

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("accent_dark") and not said.get("accent") and "accent" not in self.errors:
            self.add_error("accent", _("Choose one for the light theme too."))
        if self.errors and said.get("logo"):
            self.add_error("logo", _("Choose the file again: it was not kept, as something else is wrong."))
        return said


class PreviewForm(forms.Form):
    """What the preview is drawn of while the colours are still being chosen, readable or not."""

    name = forms.CharField(required=False, max_length=200)
    accent = ColourField()
    accent_dark = ColourField()
