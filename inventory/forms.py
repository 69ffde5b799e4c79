"""Forms of the filament pages."""

from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from printers.models import Slot

from .drying.reckoning import Rules
from .keeping import MOST_AT_ONCE
from .models import Filament, Spool

MONEY = {"inputmode": "decimal", "step": "0.01", "min": "0"}


class FilamentForm(forms.ModelForm[Filament]):
    class Meta:
        model = Filament
        fields = (
            "material", "brand", "name", "color_name", "color", "price_per_kg", "density", "diameter_mm",
        )  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Product"), "color_name": _("Colour's name"), "color": _("Colour"),
            "density": _("Density in g/cm³"), "diameter_mm": _("Diameter in mm"),
        }  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {
            "material": _("As slicers name it: PLA, PETG, ABS, TPU …"),
            "name": _("What the maker calls it, if it is more than the material."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "color": forms.ColorInput(),
            "price_per_kg": forms.NumberInput(attrs=MONEY),
            "material": forms.TextInput(attrs={"list": "materials", "autocomplete": "off"}),
            "brand": forms.TextInput(attrs={"list": "brands", "autocomplete": "off"}),
        }

    def clean_color(self) -> str:
        return str(self.cleaned_data["color"]).upper()


class SpoolForm(forms.ModelForm[Spool]):
    """Editing: what is left is changed by weighing, where it is by loading."""

    class Meta:
        model = Spool
        fields = ("filament", "initial_g", "cost", "lot", "location", "notes")
        labels: ClassVar[dict[str, Any]] = {
            "initial_g": _("Grams when new"), "cost": _("Cost of a spool"), "lot": _("Lot"),
        }  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {"initial_g": _("The filament alone, without the reel.")}
        widgets: ClassVar[dict[str, Any]] = {
            "cost": forms.NumberInput(attrs=MONEY),
            "location": forms.TextInput(attrs={"list": "locations", "autocomplete": "off"}),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }


class AddForm(SpoolForm):
    """One or several equal spools of a known filament, or of a new one that the page's other form tells."""

    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_AT_ONCE, initial=1)
    used_g = forms.DecimalField(
        label=_("Grams used"), min_value=Decimal(0), max_digits=9, decimal_places=2, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        filament = cast("forms.ModelChoiceField[Filament]", self.fields["filament"])
        # Not marked as optional on the page: an empty choice means the new one below it.
        filament.required = not self.is_bound
        filament.empty_label = _("a new one")
        self.fields["cost"].required = False
        self.fields["cost"].initial = None
        self.fields["cost"].help_text = _("Leave it empty to take the filament's price.")

    @property
    def wants_new_filament(self) -> bool:
        return not self.data.get("filament")

    def clean_used_g(self) -> Decimal:
        used_g = self.cleaned_data["used_g"] or Decimal(0)
        if used_g > self.cleaned_data.get("initial_g", used_g):
            raise forms.ValidationError(_("That is more than the spool had when new."))
        return used_g


class WeighForm(forms.Form):
    """How much is believed is for `weighing.weigh` to say."""

    grams_left = forms.DecimalField(
        label=_("Grams left"),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0"}),
    )


class LoadForm(forms.Form):
    """Into which slot: grouped by printer, with what is in it now."""

    slot = forms.ModelChoiceField(Slot.objects.none(), label=_("Printer and slot"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slots = Slot.objects.select_related("printer", "spool__filament").order_by("printer__name", "index")
        groups: dict[str, list[tuple[str, str]]] = {}
        for slot in slots:
            held = getattr(slot, "spool", None)
            told = _("slot %(number)d: %(spool)s") if held else _("slot %(number)d: free")
            words = told % {"number": slot.index + 1, "spool": held}
            groups.setdefault(slot.printer.name, []).append((str(slot.pk), words))
        choice = cast("forms.ModelChoiceField[Slot]", self.fields["slot"])
        choice.queryset = slots
        choice.choices = [("", _("Choose a slot")), *groups.items()]


class LoadSlotForm(forms.Form):
    """Which spool into a slot: the free ones first."""

    spool = forms.ModelChoiceField(Spool.objects.none(), label=_("Spool"), empty_label=_("Choose a spool"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spools = Spool.objects.filter(archived_at=None).select_related("filament", "slot__printer")
        groups: dict[Any, list[tuple[str, str]]] = {_("On the shelf"): [], _("Loaded elsewhere"): []}
        shelf, elsewhere = groups.values()
        rules = Rules()
        for spool in spools:
            words = f"{spool} · {spool.left_g:.0f} g"
            if rules.standing(spool).is_due:
                words = f"{words} · {_('needs drying')}"
            if spool.slot:
                elsewhere.append((str(spool.pk), f"{words} · {spool.slot}"))
            else:
                shelf.append((str(spool.pk), words))
        choice = cast("forms.ModelChoiceField[Spool]", self.fields["spool"])
        choice.queryset = spools
        known = [(name, found) for name, found in groups.items() if found]
        choice.choices = [("", _("Choose a spool")), *known]
