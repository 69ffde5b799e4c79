"""What is asked for on the pages of chargebacks."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid_utils.compat import uuid7

from jobs.charging.models import MOST_PRICE, MOST_WATTS, RateCard
from jobs.charging.setting import LEAST_PERCENT, MOST_PERCENT, first_day
from jobs.costing import places_of
from orgs.models import Department, Org
from printers.models import Printer

PRICES = ("per_hour", "per_kwh", "labour_per_print", "labour_per_hour", "fee_per_job")


class RateCardForm(forms.ModelForm[RateCard]):
    """A card, with a price and watts for each model of printers, and a surcharge for each department."""

    class Meta:
        model = RateCard
        fields = ("valid_from", *PRICES, "watts", "failure_percent", "policy", "note")
        widgets = {
            "valid_from": forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            **{
                name: forms.NumberInput({"inputmode": "decimal", "min": "0", "step": "any"})
                for name in PRICES
            },
            "failure_percent": forms.NumberInput(
                {"inputmode": "decimal", "min": "0", "max": "100", "step": "any"}
            ),
        }

    def __init__(self, org: Org, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.org = org
        if self.instance.valid_from is None:
            self.initial["valid_from"] = first_day(self.instance.currency)
        for name in (*PRICES, "failure_percent"):
            self.initial[name] = f"{getattr(self.instance, name).normalize():f}"
        known = {one["model"]: one for one in self.instance.by_model}
        used = Printer.objects.exclude(model="").order_by("model").values_list("model", flat=True).distinct()
        self.models = list(dict.fromkeys([*used, *known]))
        for at, model in enumerate(self.models):
            said = known.get(model, {})
            self.fields[f"hour_{at}"] = _number(
                _("Machine hour of %(model)s") % {"model": model}, 0, MOST_PRICE
            )
            self.fields[f"watts_{at}"] = forms.IntegerField(
                label=_("Watts of %(model)s") % {"model": model}, required=False, min_value=0,
                max_value=MOST_WATTS,
            )  # fmt: skip
            self.initial[f"hour_{at}"], self.initial[f"watts_{at}"] = said.get("per_hour"), said.get("watts")
        percents = {one["department_id"]: one["percent"] for one in self.instance.by_department}
        self.departments = list(Department.objects.of(org).order_by("name"))
        for at, department in enumerate(self.departments):
            self.fields[f"percent_{at}"] = _number(str(department), LEAST_PERCENT, MOST_PERCENT)
            self.initial[f"percent_{at}"] = percents.get(str(department.pk))

    def of_models(self) -> Iterator[tuple[str, Any, Any]]:
        """Each model with its two fields."""
        for at, model in enumerate(self.models):
            yield model, self[f"hour_{at}"], self[f"watts_{at}"]

    def of_departments(self) -> Iterator[Any]:
        for at, _department in enumerate(self.departments):
            yield self[f"percent_{at}"]

    def card(self) -> RateCard:
        """The sound form as a card, unsaved."""
        said, card = self.cleaned_data, self.save(commit=False)
        card.by_model = [
            {"model": model, "per_hour": said[f"hour_{at}"], "watts": said[f"watts_{at}"]}
            for at, model in enumerate(self.models)
            if said[f"hour_{at}"] is not None or said[f"watts_{at}"] is not None
        ]
        card.by_department = [
            {"department_id": one.pk, "percent": said[f"percent_{at}"]}
            for at, one in enumerate(self.departments)
            if said[f"percent_{at}"]
        ]
        return card


def _number(label: str, least: Any, most: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=least, max_value=most, decimal_places=4,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}),
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)


class MoveForm(ReasonForm):
    """Another department for a job."""

    def __init__(self, org: Org, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"] = _department_field(org)
        self.order_fields(["department", "reason"])


class CorrectionForm(ReasonForm):
    """An entry by hand. `once` is the id it gets, so that a form that is sent twice makes one."""

    once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, org: Org, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = places_of(org.currency)
        self.fields["once"].initial = uuid7
        self.fields["department"] = _department_field(org)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount in %(currency)s") % {"currency": org.currency},
            max_digits=10, decimal_places=places,
            help_text=_("Above 0 is charged, below it is given back."),
            widget=forms.NumberInput({"inputmode": "decimal", "step": f"{Decimal(1).scaleb(-places):f}"}),
        )  # fmt: skip
        self.order_fields(["department", "amount", "reason", "once"])


def _department_field(org: Org) -> "forms.ModelChoiceField[Department]":
    return forms.ModelChoiceField(
        Department.objects.of(org).order_by("name"), label=_("Department"), required=False,
        empty_label=_("No department"),
    )  # fmt: skip
