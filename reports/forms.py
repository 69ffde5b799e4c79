"""What a report is asked for: its days, a tag of printers, a department."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.models import Department, Org
from printers.models import Tag
from reports.periods import LONGEST, PRESETS, USUAL, Period, preset
from reports.scope import Scope
from ui.days import YEARS

WORDS = {
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "90d": gettext_lazy("90 days"),
    "365d": gettext_lazy("365 days"),
    "month": gettext_lazy("This month"),
    "last-month": gettext_lazy("Last month"),
    "year": gettext_lazy("This year"),
}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class PeriodForm(forms.Form):
    """`from` and `to` are the first and the last day; `period` names a preset where neither is given.

    Sound, `cleaned_data["days"]` is the Period. Without `to` it goes to today, without `from` over 30 days.
    """

    def __init__(self, data: Any, org: Org, today: date) -> None:
        super().__init__(data)
        self.org, self.today = org, today
        self.fields["period"] = forms.ChoiceField(
            label=_("Time"), required=False, choices=[(name, WORDS[name]) for name in PRESETS]
        )
        # Not attributes of the class: `from` is no name in Python.
        self.fields["from"] = _day(_("From"))
        self.fields["to"] = _day(_("To"))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "period" in self.errors:
            # Its choices are links, not a field that could show it.
            raise ValidationError(_("There is no such time. Choose one of those above."))
        if self.errors:
            return said
        first, last = said.get("from"), said.get("to")
        if not first and not last:
            said["days"] = preset(said.get("period") or USUAL, self.today, self.org.zone)
            return said
        for name, day in (("from", first), ("to", last)):
            if day and not YEARS[0] <= day.year <= YEARS[1]:
                self.add_error(name, _("Give a year from %d to %d.") % YEARS)
                return said
        last = last or max(self.today, first or self.today)
        first = first or last - timedelta(days=29)
        if first > last:
            self.add_error("to", _("Give a last day that is not before the first."))
        elif last - first > LONGEST:
            self.add_error("from", _("Give at most ten years."))
        else:
            said["days"] = Period(first, last, self.org.zone)
        return said


class ScopeForm(PeriodForm):
    """A report's days, and of which printers and whose jobs."""

    def __init__(self, data: Any, org: Org, today: date, *, has_departments: bool = True) -> None:
        super().__init__(data, org, today)
        self.fields["tag"] = forms.ModelChoiceField(
            Tag.objects.all(), label=_("Printers tagged"), required=False, to_field_name="name",
            empty_label=_("All printers"),
        )  # fmt: skip
        if has_departments:
            self.fields["department"] = forms.ModelChoiceField(
                Department.objects.of(org).order_by("name"), label=_("Department"), required=False,
                empty_label=_("All departments"),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if any("\0" in str(value) for value in self.data.values()):
            raise ValidationError(_("There are characters here that can't be kept."))
        return said

    def scope(self, person: UUID | None = None) -> Scope:
        said = self.cleaned_data
        return Scope(said["days"], said.get("tag"), said.get("department"), person)
