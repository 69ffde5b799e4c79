"""Forms of the filament pages."""

from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from orgs.current import current_org
from printers.models import Slot

from .keeping import MOST_AT_ONCE, usual_filament
from .locations import cleaned
from .models import Filament, Location, Reel, Spool
from .reels import all_reels
from .rfid import tag_of
from .weighing import weigh, weigh_with_reel

MONEY = {"inputmode": "decimal", "step": "0.01", "min": "0"}


class FilamentForm(forms.ModelForm[Filament]):
    class Meta:
        model = Filament
        fields = (
            "material", "brand", "name", "color_name", "color", "price_per_kg", "density", "diameter_mm",
            "nozzle_c", "bed_c", "low_g", "reorder_url",
        )  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Product"), "color_name": _("Colour's name"), "color": _("Colour"),
            "density": _("Density in g/cm³"), "diameter_mm": _("Diameter in mm"),
            "nozzle_c": _("Nozzle in °C"), "bed_c": _("Bed in °C"),
            "low_g": _("Reorder below, in grams"), "reorder_url": _("Where to buy it"),
        }  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {
            "material": _("As slicers name it: PLA, PETG, ABS, TPU …"),
            "name": _("What the maker calls it, if it is more than the material."),
            "low_g": _("On all its spools together. Leave it empty if it need not be in stock."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "color": forms.ColorInput(),
            "price_per_kg": forms.NumberInput(attrs=MONEY),
            "low_g": forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0"}),
            "reorder_url": forms.URLInput(attrs={"placeholder": "https://"}),
            "material": forms.TextInput(attrs={"list": "materials", "autocomplete": "off"}),
            "brand": forms.TextInput(attrs={"list": "brands", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A new one begins as the organisation's usual filament."""
        super().__init__(*args, **kwargs)
        org = current_org()
        if self.instance._state.adding and org.default_material:
            self.initial["material"] = org.default_material
            if org.default_color:
                self.initial["color"] = org.default_color.upper()

    def clean_color(self) -> str:
        return str(self.cleaned_data["color"]).upper()


class SpoolForm(forms.ModelForm[Spool]):
    """Editing: what is left is changed by weighing, where it is by loading."""

    class Meta:
        model = Spool
        fields: ClassVar[tuple[str, ...]] = (
            "filament", "initial_g", "cost", "reel_g", "tag_uid", "supplier", "lot", "location", "notes",
        )  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {
            "initial_g": _("Grams when new"), "cost": _("Cost of a spool"), "lot": _("Lot"),
            "reel_g": _("Grams of the empty reel"), "tag_uid": _("RFID tag"), "supplier": _("Supplier"),
        }  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {
            "initial_g": _("The filament alone, without the reel."),
            "tag_uid": _("Printers that read tags know the spool by it. They fill it in when you tell them."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "cost": forms.NumberInput(attrs=MONEY),
            "location": forms.TextInput(attrs={"list": "locations", "autocomplete": "off"}),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }

    def clean_tag_uid(self) -> str:
        tag = tag_of(self.cleaned_data["tag_uid"])
        other = Spool.objects.filter(tag_uid=tag).exclude(tag_uid="").exclude(pk=self.instance.pk).first()
        if other is not None:
            raise forms.ValidationError(_("Spool #%(number)d has this tag.") % {"number": other.number})
        return tag


class AddForm(SpoolForm):
    """One or several equal spools of a known filament, or of a new one that the page's other form tells."""

    class Meta(SpoolForm.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            "filament",
            "initial_g",
            "cost",
            "reel_g",
            "supplier",
            "lot",
            "location",
            "notes",
        )

    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_AT_ONCE, initial=1)
    used_g = forms.DecimalField(
        label=_("Grams used"), min_value=Decimal(0), max_digits=9, decimal_places=2, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        filament = cast("forms.ModelChoiceField[Filament]", self.fields["filament"])
        # Not marked as optional on the page: an empty choice means the new one below it.
        filament.required = not self.is_bound
        if not self.initial.get("filament"):
            self.initial["filament"] = usual_filament()
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


OWN, OTHER = "own", "other"
GRAMS = {"inputmode": "decimal", "step": "any", "min": "0"}


class WeighForm(forms.Form):
    """What the scale shows, and what of it is the reel. How much is believed is for `weighing` to say."""

    grams_left = forms.DecimalField(label=_("Grams on the scale"), widget=forms.NumberInput(attrs=GRAMS))
    reel = forms.ChoiceField(label=_("With the reel?"), required=False)
    reel_g = forms.DecimalField(
        label=_("Grams of the empty reel"), required=False, widget=forms.NumberInput(attrs=GRAMS)
    )

    def __init__(self, spool: Spool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spool = spool
        self.reels = {str(reel.pk): reel for reel in all_reels()}
        own = [] if spool.reel_g is None else [(OWN, _on(_("its reel"), spool.reel_g))]
        brand = spool.filament.brand.casefold()
        near = [one for one in self.reels.items() if brand and one[1].brand.casefold() == brand]
        far = [one for one in self.reels.items() if one not in near]
        groups = [(_("Other brands") if near else _("Known reels"), far), (spool.filament.brand, near)]
        choice = cast("forms.ChoiceField", self.fields["reel"])
        choice.choices = [
            ("", _("no, the filament alone")),
            *own,
            (OTHER, _("on a reel of another weight")),
            *(
                (name, [(pk, _on(str(reel), reel.grams)) for pk, reel in some])
                for name, some in reversed(groups)
                if some
            ),
        ]
        choice.initial = OWN if own else ""
        # Not marked as optional on the page: without a choice it is the filament alone.
        choice.required = not self.is_bound

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reel") == OTHER and data.get("reel_g") is None and "reel_g" not in self.errors:
            self.add_error("reel_g", _("Say what the empty reel weighs."))
        return data

    def weigh(self) -> None:
        """Write the sound form down. Raises OutOfRange."""
        grams, reel = self.cleaned_data["grams_left"], self.cleaned_data["reel"]
        if not reel:
            weigh(self.spool, grams)
        elif reel == OWN:
            weigh_with_reel(self.spool, grams)
        else:
            reel_g = self.cleaned_data["reel_g"] if reel == OTHER else self.reels[reel].grams
            weigh_with_reel(self.spool, grams, reel_g)


def _on(name: Any, grams: Decimal) -> str:
    return _("on %(reel)s, %(grams)s g") % {"reel": name, "grams": f"{grams.normalize():f}"}


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
    """Which spool into a slot: one of those that `loading.candidates` lists."""

    spool = forms.ModelChoiceField(
        Spool.objects.filter(archived_at=None).select_related("filament"), widget=forms.HiddenInput
    )


class MoveForm(forms.Form):
    location = forms.CharField(
        label=_("Location"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "locations", "autocomplete": "off"}),
    )


class LocationForm(forms.ModelForm[Location]):
    class Meta:
        model = Location
        fields = ("name", "is_dry_box", "humidity_percent")
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Name"), "is_dry_box": _("A dry box"), "humidity_percent": _("Relative humidity in %"),
        }  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {
            "is_dry_box": _("Filament in it stays dry."),
            "humidity_percent": _("What its hygrometer showed last, if it has one."),
        }

    def clean_name(self) -> str:
        name = cleaned(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Give it a name."))
        if Location.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                _("There is a location “%(name)s” already. Merge them to make them one.") % {"name": name}
            )
        return name


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(Location.objects.none(), label=_("Merge into"), empty_label=_("Choose one"))

    def __init__(self, location: Location, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into = cast("forms.ModelChoiceField[Location]", self.fields["into"])
        into.queryset = Location.objects.exclude(pk=location.pk)


class ReelForm(forms.ModelForm[Reel]):
    class Meta:
        model = Reel
        fields = ("brand", "name", "grams")
        widgets: ClassVar[dict[str, Any]] = {
            "brand": forms.TextInput(attrs={"list": "brands", "autocomplete": "off"}),
            "grams": forms.NumberInput(attrs=GRAMS),
        }
