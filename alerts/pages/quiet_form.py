"""The form of quiet hours."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.holding import FIELDS
from alerts.models import QuietHours, every_day
from alerts.previewing import USUAL_END, USUAL_START
from orgs.forms import time_zones
from orgs.models import Org

CLOCK = "%H:%M"


def _time(label: Any) -> forms.TimeField:
    widget = forms.TimeInput({"type": "time"}, format=CLOCK)
    return forms.TimeField(label=label, input_formats=[CLOCK, "%H:%M:%S"], widget=widget)


class QuietHoursForm(forms.Form):
    """`hours` are those that hold now, if any. The organisation's go by its own clock and ask for none."""

    start = _time(gettext_lazy("From"))
    end = _time(gettext_lazy("Until"))
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Beginning on"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A night counts for the day on which it begins."),
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    critical_passes = forms.BooleanField(
        label=gettext_lazy("Critical alerts come through"),
        required=False,
        widget=forms.CheckboxInput({"class": "switch"}),
    )

    def __init__(self, data: Any, hours: QuietHours | None, org: Org, *, is_own: bool) -> None:
        usual = {"start": USUAL_START, "end": USUAL_END, "days": every_day(), "critical_passes": True}
        initial = {name: getattr(hours, name) for name in FIELDS} if hours else usual
        super().__init__(data, initial=initial)
        if is_own:
            ours = _("the organisation's, %(zone)s") % {"zone": org.time_zone}
            self.fields["time_zone"] = forms.ChoiceField(
                label=_("Time zone"), required=False, choices=[("", ours), *time_zones()]
            )
        else:
            del self.fields["time_zone"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("start") is not None and said.get("start") == said.get("end"):
            raise ValidationError(_("Choose two different times: it can't be quiet all day."))
        return {"time_zone": "", **said}
