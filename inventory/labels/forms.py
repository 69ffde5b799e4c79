"""Which labels, and where on the sheet the first one goes."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .formats import CUSTOM, FORMATS, SHEETS, SINGLES, Format, custom

# The least and the most of each side, in mm.
SIDES = (("width", 25, 210), ("height", 15, 297))


class LabelsForm(forms.Form):
    layout = forms.ChoiceField(label=_("Labels"))
    width = forms.FloatField(label=_("Width in mm"), required=False)
    height = forms.FloatField(label=_("Height in mm"), required=False)
    start = forms.IntegerField(
        label=_("First free label"), required=False, min_value=1,
        help_text=_("On a sheet that was begun: counted from the upper left, line by line."),
    )  # fmt: skip
    framed = forms.BooleanField(
        label=_("Draw frames"),
        required=False,
        help_text=_("To try on plain paper whether they meet the labels."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layout"].choices = [  # type: ignore[attr-defined]
            (_("Single labels, from a label printer"), [*_choices(SINGLES), (CUSTOM, _("Another size"))]),
            (_("Sheets"), _choices(SHEETS)),
        ]
        for name, least, most in SIDES:
            self.fields[name].widget.attrs |= {"min": least, "max": most, "step": "any"}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        layout = said.get("layout")
        if layout == CUSTOM:
            for name, least, most in SIDES:
                if name not in self.errors and not least <= (said.get(name) or 0) <= most:
                    words = _("Give from %(least)d to %(most)d mm.") % {"least": least, "most": most}
                    self.add_error(name, words)
        elif layout and (said.get("start") or 1) > FORMATS[layout].on_a_page > 1:
            count = FORMATS[layout].on_a_page
            self.add_error("start", _("There are %(count)d labels on this sheet.") % {"count": count})
        return said

    @property
    def format(self) -> Format:
        said = self.cleaned_data
        return custom(said["width"], said["height"]) if said["layout"] == CUSTOM else FORMATS[said["layout"]]

    @property
    def first(self) -> int:
        """Where to begin; single labels have no other place."""
        return self.cleaned_data["start"] or 1 if self.format.on_a_page > 1 else 1


def _choices(formats: Iterable[Format]) -> list[tuple[str, Any]]:
    return [(one.name, one.label) for one in formats]
