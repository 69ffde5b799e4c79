"""Simplify3D 4 and 5: settings as `;   key,value`, a summary as `;   Key: value` at the end."""

import re

from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import Said, length, numbers, texts

SETTING = re.compile(r"^;[ \t]+(\w+),([^\r\n]*)$", re.MULTILINE)


def read(comments: Comments) -> Said:
    """The build summary, and the settings listed at the head."""
    said = Said()
    settings = {match[1]: match[2].strip() for match in SETTING.finditer(comments.head)}
    _machine(said, settings)
    said.set_time(comments.find("Build time"))
    used, weight = (
        comments.find("Filament length", "Material Length"),
        comments.find("Plastic weight", "Material Weight"),
    )
    length_mm, weight_g = (
        max(0.0, next(iter(numbers(found.value)), 0.0)) if found else 0.0 for found in (used, weight)
    )
    materials = texts(settings.get("printMaterial", ""))
    material = materials[0] if materials else ""
    if used or weight or material:
        said.filaments = (FilamentUse(0, weight_g, length_mm, material, "", length_mm > 0 or weight_g > 0),)
        said.note("filaments", used or weight or Found(material, "head: printMaterial"))
    said.see_materials()
    return said


def _machine(said: Said, settings: dict[str, str]) -> None:
    layer = Found(settings.get("layerHeight", ""), "head: layerHeight")
    said.layer_height_mm = length(layer.value)
    key = "nozzleDiameter" if settings.get("nozzleDiameter") else "extruderDiameter"
    nozzle = Found(settings.get(key, ""), f"head: {key}")
    said.nozzle_mm = tuple(size for size in numbers(nozzle.value) if 0 < size < 10)
    stroke = [numbers(settings.get(f"stroke{axis}override", "")) for axis in "XYZ"]
    if all(stroke) and all(axis[0] > 0 for axis in stroke):
        said.bed_mm = (stroke[0][0], stroke[1][0], stroke[2][0])
    if settings.get("profileName"):
        said.add_printer_model(Found(settings["profileName"], "head: profileName"))
    for fact, found in (
        ("layer_height_mm", layer),
        ("nozzle_mm", nozzle),
        ("bed_mm", Found("", "head: strokeXoverride")),
    ):
        if getattr(said, fact):
            said.note(fact, found)
