"""What a report is asked for: its days, a tag of printers, a department; and when it is sent to whom."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.models import Department, Org
from printers.models import Tag
from reports.builders import BUILDERS
from reports.models import Schedule
from reports.periods import LONGEST, PRESETS, USUAL, Period, preset
from reports.schedules import Every, Rhythm
from reports.scope import Scope
from ui.days import YEARS

MOST_RECIPIENTS = 100
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


class ScheduleForm(forms.ModelForm[Schedule]):
    """A schedule, with who gets its reports: addresses, one a line."""

    tag = forms.ModelChoiceField(
        Tag.objects.all(),
        label=gettext_lazy("Printers tagged"),
        required=False,
        to_field_name="name",
        empty_label=gettext_lazy("All printers"),
    )
    recipients = forms.CharField(
        label=gettext_lazy("Sent to"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 4, "autocapitalize": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("E-mail addresses, one a line. Who is no member here is asked by mail first."),
    )

    class Meta:
        model = Schedule
        fields = ("name", "kind", "every", "weekday", "day", "hour", "with_csv")

    def __init__(self, data: Any, org: Org, *, instance: Schedule | None = None) -> None:
        super().__init__(data, instance=instance)
        self.org = org
        self.fields["kind"] = forms.ChoiceField(
            label=_("Report"),
            choices=[(kind, one.title) for kind, one in BUILDERS.items() if not one.is_personal],
        )
        self.fields["department"] = forms.ModelChoiceField(
            Department.objects.of(org).order_by("name"),
            label=_("Department"),
            required=False,
            empty_label=_("All departments"),
        )
        self.fields["day"].help_text = _("Shorter months: on their last day.")
        if instance is not None:
            self.initial["tag"] = instance.filters.get("tag")
            self.initial["department"] = instance.filters.get("department")
            self.initial["recipients"] = "\n".join(instance.recipients.values_list("email", flat=True))

    def clean_recipients(self) -> list[str]:
        said = [part.strip() for part in re.split(r"[\s,;]+", self.cleaned_data["recipients"])]
        emails = list({email.lower(): email for email in said if email}.values())
        if len(emails) > MOST_RECIPIENTS:
            raise ValidationError(_("At most %(most)d addresses.") % {"most": MOST_RECIPIENTS})
        for email in emails:
            try:
                validate_email(email)
            except ValidationError as error:
                raise ValidationError(_("%(email)s is no e-mail address.") % {"email": email[:80]}) from error
        return emails

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        builder = BUILDERS.get(said.get("kind", ""))
        if builder and not builder.has_departments and said.get("department"):
            self.add_error("department", _("This report is of printers, not of departments."))
        return said

    def fields_of(self) -> dict[str, Any]:
        """What setting.add and setting.edit take."""
        said = self.cleaned_data
        filters = {}
        if tag := said.get("tag"):
            filters["tag"] = tag.name
        if department := said.get("department"):
            filters["department"] = str(department.pk)
        return {name: said[name] for name in self.Meta.fields} | {"filters": filters}

    def rhythm(self) -> Rhythm:
        """Of a form that may not be whole yet; what is missing is as usual."""
        said = getattr(self, "cleaned_data", {})
        return Rhythm(
            Every(said.get("every") or Every.WEEK),
            int(said.get("hour") or 0),
            self.org.zone,
            int(said.get("weekday") or 0),
            int(said.get("day") or 1),
        )
