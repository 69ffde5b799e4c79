"""What an admin says to lend a printer, and to correct a charge."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from orgs import working_hours
from orgs.forms import HoursField
from stations.models import Offer, OfferOrg

from . import offers

MOST_MATERIALS, LONGEST = 40, 40


class OfferForm(forms.ModelForm[Offer]):
    """The hours have a line for each weekday, `hours_mon` to `hours_sun`."""

    materials = forms.CharField(
        label=_("Materials"),
        required=False,
        max_length=400,
        help_text=_("Separated by commas, as in PLA, PETG. Left empty: any."),
    )

    class Meta:
        model = Offer
        fields = (
            "to_all", "most_grams", "prints_per_week", "hours_per_week", "per_hour", "per_gram",
            "owner_first",
        )  # fmt: skip
        widgets = {
            "to_all": forms.CheckboxInput({"class": "switch"}),
            "owner_first": forms.CheckboxInput({"class": "switch"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("materials", ", ".join(self.instance.materials))
        for name in offers.LIMITS:
            self.fields[name].required = False
        for day, label in zip(working_hours.DAYS, WEEKDAYS.values(), strict=True):
            kept = working_hours.written(self.instance.hours.get(day, []))
            self.fields[f"hours_{day}"] = HoursField(label=label, initial=kept)

    @property
    def hours(self) -> list[forms.BoundField]:
        return [self[f"hours_{day}"] for day in working_hours.DAYS]

    def clean_materials(self) -> list[str]:
        words = [" ".join(word.split()) for word in self.cleaned_data["materials"].split(",")]
        found = list(dict.fromkeys(word for word in words if word))
        if len(found) > MOST_MATERIALS or any(len(word) > LONGEST for word in found):
            raise ValidationError(_("At most 40 materials, each of at most 40 letters."))
        return found

    def terms(self) -> dict[str, Any]:
        """What `offers.lend` takes; an emptied limit is none."""
        said = self.cleaned_data
        ranges = {day: said.get(f"hours_{day}") for day in working_hours.DAYS}
        terms = {name: said[name] for name in self.Meta.fields} | {"materials": said["materials"]}
        terms |= {name: said[name] or 0 for name in offers.LIMITS}
        return terms | {"hours": {day: span for day, span in ranges.items() if span}}


class BorrowerForm(forms.Form):
    """One organisation that the printer is lent to; emptied limits are the offer's."""

    org = forms.CharField(label=_("Address of the organisation"), required=False, max_length=50)
    most_grams = forms.IntegerField(label=_("Grams a job"), required=False, min_value=0, max_value=1_000_000)
    prints_per_week = forms.IntegerField(
        label=_("Prints a week"), required=False, min_value=0, max_value=100_000
    )
    hours_per_week = forms.IntegerField(label=_("Hours a week"), required=False, min_value=0, max_value=168)


class _Borrowers(forms.BaseFormSet[BorrowerForm]):
    def clean(self) -> None:
        rows = {
            one.cleaned_data["org"].strip().lower().strip("/"): one for one in self.forms if self._names(one)
        }
        known = offers.orgs_at(list(rows))
        for address, one in rows.items():
            if address not in known:
                one.add_error(
                    "org", _("No organisation of this address could borrow here. Ask theirs for it.")
                )
        self.found: dict[UUID, dict[str, int | None]] = {
            known[address].pk: {name: one.cleaned_data.get(name) for name in offers.LIMITS}
            for address, one in rows.items()
            if address in known
        }

    @staticmethod
    def _names(one: BorrowerForm) -> bool:
        return bool(getattr(one, "cleaned_data", {}).get("org", "").strip())


BorrowerFormSet = forms.formset_factory(
    BorrowerForm, formset=_Borrowers, extra=1, max_num=200, absolute_max=210
)


def borrowers_form(data: Any, offer: Offer | None) -> Any:
    """The rows of those an offer is made to by name, and an empty one."""
    rows = OfferOrg.objects.filter(offer=offer).select_related("org").order_by("org__slug") if offer else []
    initial = [{"org": row.org.slug, **{name: getattr(row, name) for name in offers.LIMITS}} for row in rows]
    return BorrowerFormSet(data, initial=initial, prefix="borrowers")


class CorrectForm(forms.Form):
    """`once` is the id the charge gets, so that a form that is sent twice makes one."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid7)
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=9,
        decimal_places=2,
        help_text=_("Above 0 charges more, below 0 gives back."),
    )
    note = forms.CharField(label=_("Why"), max_length=300, help_text=_("The other side reads this too."))
