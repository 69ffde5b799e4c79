"""What a file says of itself, as lines for the model's page, each with the place where it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ui.figures import with_unit

from .models import Plate, Revision

KINDS = {
    "gcode": gettext_lazy("G-code"),
    "bgcode": gettext_lazy("Binary G-code"),
    "gcode.3mf": gettext_lazy("Sliced 3MF"),
    "3mf": gettext_lazy("3MF project"),
    "stl": gettext_lazy("Mesh (STL)"),
}
PRINTABLE = ("gcode", "bgcode", "gcode.3mf")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line; `value` is empty where the file does not say, `origin` where that is unknown."""

    label: str
    value: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """One filament of a plate as people name it: `number` counts from 1, `kind` is its maker and name."""

    number: int
    material: str
    color: str
    grams: float
    length: str
    kind: str = ""


def uses_of(plate: Plate | None) -> list[Use]:
    """The filaments that the plate really uses."""
    uses = [use for use in plate.filaments if use.get("used", True)] if plate else []
    return [
        Use(
            use["index"] + 1,
            use["material"],
            use["color"],
            use["grams"],
            _metres(use["length_mm"]),
            use.get("profile") or use.get("vendor") or "",
        )
        for use in uses
    ]


def _metres(length_mm: float) -> str:
    return with_unit(Decimal(length_mm) / 1000, 2, "m") if length_mm else ""


def is_printable(revision: Revision | None) -> bool:
    return revision is not None and revision.status == Revision.Status.READY and revision.kind in PRINTABLE


def facts_of(revision: Revision, plate: Plate | None) -> list[Fact]:
    """The lines of the page, known or not, in the order in which one asks for them."""
    said = revision.metadata
    slicer = " ".join(filter(None, (said.get("slicer"), said.get("slicer_version"))))
    triangles = said.get("triangles")
    lines = [
        ("title", _("Title"), said.get("title") or ""),
        ("designer", _("Designer"), said.get("designer") or ""),
        ("printer_models", _("Sliced for"), ", ".join(said.get("printer_models") or ())),
        ("profile", _("Profile"), said.get("profile") or ""),
        ("nozzle_mm", _("Nozzle"), _lengths(said.get("nozzle_mm") or (), " + ")),
        ("layer_height_mm", _("Layer height"), _layer(said)),
        ("layers", _("Layers"), str(plate.layers) if plate and plate.layers else ""),
        ("nozzle_c", _("First layer"), _heats(said)),
        ("bed_type", _("Build plate"), said.get("bed_type") or ""),
        ("support", _("Support"), _yes_no(said.get("support"))),
        ("abrasive", _("Abrasive"), _yes_no(said.get("abrasive"))),
        ("bed_mm", _("Bed of the profile"), _lengths(said.get("bed_mm") or (), " × ")),
        ("box", _("True size"), _box(plate)),
        ("size_mm", _("Size"), _lengths(said.get("size_mm") or (), " × ")),
        ("triangles", _("Triangles"), f"{triangles:,}" if triangles else ""),
        ("objects", _("Objects"), ", ".join(said.get("objects") or ())),
        ("slicer", _("Slicer"), slicer),
        ("kind", _("Kind of file"), str(KINDS.get(revision.kind, revision.kind))),
    ]
    origins = said.get("origins") or {}
    return [Fact(label, value, origins.get(name, "")) for name, label, value in lines]


def size_of(revision: Revision) -> str:
    """How large a model is that is not sliced yet; empty where that is not known."""
    return _lengths(revision.metadata.get("size_mm") or (), " × ")


def length(value: float) -> str:
    """Millimetres as people write them: 0.4, 20, 20.5."""
    return f"{round(value, 2):g}"


def _yes_no(value: bool | None) -> str:
    return "" if value is None else _("yes") if value else _("no")


def _heats(said: Mapping[str, Any]) -> str:
    """Temperatures of the first layer; several nozzles' by + where they differ."""
    nozzles = list(dict.fromkeys(f"{heat:g}" for heat in said.get("nozzle_c") or () if heat))
    told = [_("nozzle %(heat)s °C") % {"heat": " + ".join(nozzles)}] if nozzles else []
    for name, words in (("bed_c", _("bed %(heat)s °C")), ("chamber_c", _("chamber %(heat)s °C"))):
        if heat := said.get(name):
            told.append(words % {"heat": f"{heat:g}"})
    return ", ".join(told)


def _lengths(values: list[float] | tuple[()], between: str) -> str:
    return f"{between.join(map(length, values))} mm" if values else ""


def _layer(said: dict[str, float | None]) -> str:
    height, first = said.get("layer_height_mm"), said.get("first_layer_height_mm")
    if height is None:
        return ""
    if first is None or first == height:
        return f"{length(height)} mm"
    return _("%(height)s mm, the first %(first)s mm") % {"height": length(height), "first": length(first)}


def _box(plate: Plate | None) -> str:
    if plate is None or not plate.box:
        return ""
    low, high = plate.box["min"], plate.box["max"]
    # The height counts from the bed, not from the middle of the first layer.
    size = " × ".join(map(length, (high[0] - low[0], high[1] - low[1], high[2])))
    about = _("about ") if plate.box_estimated else ""
    spans = ", ".join(f"{name} {length(low[axis])}–{length(high[axis])}" for axis, name in enumerate("XYZ"))
    return f"{about}{size} mm ({spans})"
