"""The form of a preset, of the same fields as the form of a job."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inventory.models import Spool
from orgs.models import Membership

from .forms import JobForm, check_target_chosen, offer_priorities, offer_targets
from .models import Job, Preset
from .wishing import in_words, joined, without_spools

FIELDS = (
    "copies", "target", "printer", "tag", "printer_model", "priority", "auto_start", "notes", "wishes",
    "keeps_wishes",
)  # fmt: skip


class PresetForm(forms.Form):
    """A preset's name and options. Spools that were chosen by name go along unseen, as spool_<index>."""

    preset_name = forms.CharField(label=_("Name"), max_length=60)
    preset_shared = forms.BooleanField(label=_("For everybody in the organisation"), required=False)

    def __init__(
        self,
        *args: Any,
        membership: Membership,
        may_share: bool,
        most: int,
        spools: Mapping[int, str],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.spools = spools
        for name in FIELDS:
            self.fields[name] = deepcopy(JobForm.base_fields[name])
        offer_targets(self, membership)
        offer_priorities(self, most)
        if not may_share:
            del self.fields["preset_shared"]

    @property
    def wish_words(self) -> list[tuple[int, str, str]]:
        wishes: Any = self.fields["wishes"]
        said = self["wishes"].value()
        try:
            return in_words(said if isinstance(said, list) else wishes.clean(said))
        except ValidationError:
            return []

    @property
    def spool_words(self) -> list[tuple[int, str]]:
        found = {str(spool.pk): str(spool) for spool in Spool.objects.filter(pk__in=self.spools.values())}
        return [(index + 1, found.get(pk, "–")) for index, pk in self.spools.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        check_target_chosen(self, cleaned)
        return cleaned

    def options(self) -> dict[str, Any]:
        """What `presetting.add` keeps."""
        data, target = self.cleaned_data, self.cleaned_data["target"]
        kept = data["keeps_wishes"]
        return {
            "copies": data["copies"],
            "target": target,
            "target_printer": data["printer"] if target == Job.Target.PRINTER else None,
            "target_tag": data["tag"] if target == Job.Target.TAG else None,
            "target_model": data["printer_model"] if target == Job.Target.MODEL else "",
            "filaments": joined(data["wishes"], self.spools) if kept else [],
            "priority": data["priority"],
            "auto_start": data["auto_start"],
            "notes": data["notes"],
        }


def initial_of(thing: Job | Preset) -> dict[str, Any]:
    """The fields of a form for the options of a job or a preset, its spools as spool_<index>."""
    spools = {f"spool_{wish['index']}": wish["spool_id"] for wish in thing.filaments if wish.get("spool_id")}
    return {
        "copies": thing.copies,
        "target": thing.target,
        "printer": thing.target_printer or getattr(thing, "target_lent_id", None),
        "tag": thing.target_tag,
        "printer_model": thing.target_model,
        "priority": thing.priority,
        "auto_start": thing.auto_start,
        "notes": thing.notes,
        "wishes": without_spools(thing.filaments),
        **spools,
    }
