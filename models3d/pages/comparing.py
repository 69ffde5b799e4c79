"""Two revisions of a model side by side."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from models3d.facts import facts_of, is_printable, uses_of
from models3d.models import Model3D, Plate, Revision
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.figures import duration, grams, percent, size

from .detail import get_revision, shown_model


@dataclass(frozen=True, slots=True)
class Line:
    """A fact of both; `change` says by how much a number went up or down, empty where it can't be said."""

    label: str
    old: str
    new: str
    change: str = ""

    @property
    def differs(self) -> bool:
        return self.old != self.new


@require_GET
@require("model.view")
def model_compare(request: OrgRequest, pk: UUID) -> HttpResponse:
    """`?old=1&new=3`; without them the revision before the current one, and the current one."""
    model = shown_model(request, pk)
    new = get_revision(model, request.GET.get("new", ""))
    old = get_revision(model, request.GET.get("old", "") or _before(model, new))
    context = {
        "model": model,
        "old": old,
        "new": new,
        "compared": [old, new],
        "revisions": model.revisions.all(),
        "lines": lines_of(old, new),
        "is_same": old.stored_id == new.stored_id,
        "is_printable": is_printable(new),
    }
    return render(request, "models3d/model_compare.html", context)


def lines_of(old: Revision, new: Revision) -> list[Line]:
    """Every fact that either of the two has, of all plates."""
    plates = [list(one.plates.all()) for one in (old, new)]
    first = [found[0] if found else None for found in plates]
    said = [
        {fact.label: fact.value for fact in facts_of(*pair)} for pair in zip((old, new), first, strict=True)
    ]
    seconds, masses = ([_total(found, name) for found in plates] for name in ("print_s", "grams"))
    lines = [
        Line(_("Print time"), duration(seconds[0]), duration(seconds[1]), _change(*seconds)),
        Line(_("Filament"), grams(masses[0]), grams(masses[1]), _change(*masses)),
        Line(_("Materials"), *map(_materials, first)),
        Line(_("Plates"), *(str(len(found) or "–") for found in plates)),
        *(Line(label, said[0].get(label, ""), said[1].get(label, "")) for label in {**said[0], **said[1]}),
        Line(_("File"), old.original_name, new.original_name),
        Line(_("Size of the file"), size(old.stored.size), size(new.stored.size)),
    ]
    return [line for line in lines if line.old or line.new]


def _before(model: Model3D, revision: Revision) -> str:
    earlier = model.revisions.filter(number__lt=revision.number).first()
    return str(earlier.number if earlier else revision.number)


def _total(plates: list[Plate], name: str) -> float | None:
    """The sum over the plates; None where one does not tell."""
    values = [getattr(plate, name) for plate in plates]
    return float(sum(values)) if values and all(value is not None for value in values) else None


def _change(old: float | None, new: float | None) -> str:
    """By how many per cent, with its sign: +12 %, −3 %."""
    if not old or new is None or old == new:
        return ""
    share = (new - old) / old
    return f"{'+' if share > 0 else ''}{percent(share)}"


def _materials(plate: Plate | None) -> str:
    return ", ".join(dict.fromkeys(use.material for use in uses_of(plate) if use.material))
