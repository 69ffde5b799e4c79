"""Simplify3D 4 and 5: settings as `;   key,value`, a summary as `;   Key: value` at the end."""

import re

from models3d.formats import durations
from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import ABRASIVE, Said, length, numbers, texts

SETTING = re.compile(r"^;[ \t]+(\w+),([^\r\n]*)$", re.MULTILINE)


def read(comments: Comments) -> Said:
    """The build summary, and the settings listed at the head."""
    said = Said()
    settings = {match[1]: match[2].strip() for match in SETTING.finditer(comments.head)}
    said.layer_height_mm = length(settings.get("layerHeight", ""))
    sizes = numbers(settings.get("nozzleDiameter", "") or settings.get("extruderDiameter", ""))
    said.nozzle_mm = tuple(size for size in sizes if 0 < size < 10)
    stroke = [numbers(settings.get(f"stroke{axis}override", "")) for axis in "XYZ"]
    if all(stroke) and all(axis[0] > 0 for axis in stroke):
        said.bed_mm = (stroke[0][0], stroke[1][0], stroke[2][0])
    if settings.get("profileName"):
        said.add_printer_model(Found(settings["profileName"], "head: profileName"))
    for fact in ("layer_height_mm", "nozzle_mm", "bed_mm"):
        if getattr(said, fact):
            said.origins[fact] = "head: settings"
    time = comments.find("Build time")
    if time:
        said.print_s = durations.seconds(time.value)
        said.note("print_s", time)
    used, weight = (
        comments.find("Filament length", "Material Length"),
        comments.find("Plastic weight", "Material Weight"),
    )
    length_mm, weight_g = (
        next(iter(numbers(found.value)), 0.0) if found else 0.0 for found in (used, weight)
    )
    materials = texts(settings.get("printMaterial", ""))
    material = materials[0] if materials else ""
    if used or weight or material:
        said.filaments = (FilamentUse(0, weight_g, length_mm, material, "", length_mm > 0 or weight_g > 0),)
    if used:
        said.note("filaments", used)
    said.abrasive = True if ABRASIVE.search(material) else None
    return said
