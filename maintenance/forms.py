"""What people type about maintenance."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from orgs import photos
from printers.models import Printer

from .due import HOUR_S
from .models import MOST_COST, MOST_HOURS, PLAN, Task, TaskTemplate
from .setting import today_here

WHOLE = {"inputmode": "numeric", "min": "1", "step": "1"}
DECIMAL = {"inputmode": "decimal", "step": "any", "min": "0"}
MONEY = {"inputmode": "decimal", "step": "0.01", "min": "0"}
NO_INTERVAL = _("Say after how many print hours or days it is due.")


class PlanForm(forms.ModelForm[Any]):
    """What tasks and templates have in common."""

    class Meta:
        fields: ClassVar[tuple[str, ...]] = PLAN
        labels: ClassVar[dict[str, Any]] = {
            "name": _("What"), "instructions": _("How"), "every_hours": _("Every … print hours"),
            "every_days": _("Every … days"), "warn_percent": _("Due soon from … % of the hours"),
            "warn_days": _("Due soon … days before"), "holds": _("Holds the printer when overdue"),
        }  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {
            "every_days": _("With both, whichever comes first."),
            "holds": _(
                "Nothing starts by itself on it until the task is done. By hand it asks for a reason."
            ),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "instructions": forms.Textarea(attrs={"rows": 3}),
            "every_hours": forms.NumberInput(attrs=WHOLE),
            "every_days": forms.NumberInput(attrs=WHOLE),
            "warn_percent": forms.NumberInput(attrs=WHOLE),
            "warn_days": forms.NumberInput(attrs={**WHOLE, "min": "0"}),
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not {"every_hours", "every_days"} & set(self.errors) and not (
            said.get("every_hours") or said.get("every_days")
        ):
            self.add_error("every_hours", NO_INTERVAL)
        return said

    def plan(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PLAN}


class TaskForm(PlanForm):
    """A task of a printer, which is chosen when it is added."""

    printer = forms.ModelChoiceField(
        Printer.objects.all(), label=_("Printer"), empty_label=_("Choose a printer")
    )
    since_on = forms.DateField(
        label=_("Last done on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: it counts from today."),
    )
    used_h = forms.DecimalField(
        label=_("Print hours since then"),
        min_value=Decimal(0),
        max_value=Decimal(MOST_HOURS),
        max_digits=7,
        decimal_places=1,
        required=False,
        widget=forms.NumberInput(attrs=DECIMAL),
    )

    class Meta(PlanForm.Meta):
        model = Task

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["printer"]
            self.fields["since_on"].help_text = ""

    def clean_since_on(self) -> date | None:
        said: date | None = self.cleaned_data["since_on"]
        if said and said > today_here():
            raise forms.ValidationError(_("That day is still to come."))
        return said

    def counted(self) -> dict[str, Any]:
        """From when it counts, as far as that was said or changed."""
        said: dict[str, Any] = {}
        if "used_h" in self.changed_data and self.cleaned_data["used_h"] is not None:
            said["used_s"] = int(self.cleaned_data["used_h"] * HOUR_S)
        if "since_on" in self.changed_data and self.cleaned_data["since_on"]:
            said["since_on"] = self.cleaned_data["since_on"]
        return said


class TemplateForm(PlanForm):
    with_copies = forms.BooleanField(required=False, initial=True)

    class Meta(PlanForm.Meta):
        model = TaskTemplate
        fields: ClassVar[tuple[str, ...]] = ("model", *PLAN)
        labels: ClassVar[dict[str, Any]] = {**PlanForm.Meta.labels, "model": _("Printer model")}
        help_texts: ClassVar[dict[str, Any]] = {
            **PlanForm.Meta.help_texts,
            "model": _("Every printer of it gets a copy, new ones too. Empty: every printer of any model."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            **PlanForm.Meta.widgets,
            "model": forms.TextInput(attrs={"list": "models", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, copies: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if copies:
            label = _("Change its copies too: %(n)d tasks, also where they were changed by hand")
            self.fields["with_copies"].label = label % {"n": copies}
        else:
            del self.fields["with_copies"]


class DoneForm(forms.Form):
    """`round` is the one that the page showed."""

    round = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    cost = forms.DecimalField(
        label=_("Cost"),
        min_value=Decimal(0),
        max_value=MOST_COST,
        max_digits=9,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs=MONEY),
    )
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": photos.ACCEPTED}),
        help_text=_("JPEG, PNG or WebP up to 20 MB. Where and with what it was taken is not kept."),
    )

    def clean_cost(self) -> Decimal:
        return self.cleaned_data["cost"] or Decimal(0)

    def clean_photo(self) -> bytes | None:
        file: UploadedFile | None = self.cleaned_data["photo"]
        return photos.taken_in(file) if file else None


class NozzleForm(forms.Form):
    """`seen` is since when the page thought that the old nozzle was fitted."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    nozzle_mm = forms.FloatField(
        label=_("Diameter in mm"),
        min_value=0.05,
        max_value=5,
        widget=forms.NumberInput(attrs={**DECIMAL, "min": "0.05", "max": "5"}),
    )
    hardened = forms.BooleanField(label=_("It is hardened"), required=False)
    cost = DoneForm.base_fields["cost"]
    note = DoneForm.base_fields["note"]

    def clean_cost(self) -> Decimal:
        return self.cleaned_data["cost"] or Decimal(0)


class HoursForm(forms.Form):
    """`seen_s` is what the page showed."""

    seen_s = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**62)
    hours = forms.DecimalField(
        label=_("Print hours in all"),
        min_value=Decimal(0),
        max_value=Decimal(MOST_HOURS),
        max_digits=7,
        decimal_places=1,
        widget=forms.NumberInput(attrs=DECIMAL),
        help_text=_("As the printer's own screen shows them."),
    )
    counts_for_tasks = forms.TypedChoiceField(
        label=_("The difference was printed"),
        coerce=lambda said: said == "since",
        choices=[
            ("before", _("before: tasks and nozzle stay as they stand")),
            ("since", _("since the last maintenance: tasks and nozzle have it too")),
        ],
        initial="before",
        widget=forms.RadioSelect,
    )
