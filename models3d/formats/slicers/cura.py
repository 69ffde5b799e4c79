"""Cura and its engine."""

import re

from models3d.formats import durations
from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import ABRASIVE, Said, amounts, numbers, read_single_values, texts

# CuraEngine run alone leaves these in the places that Cura fills in.
PLACEHOLDER_TIME, PLACEHOLDER_LENGTH = "6666", "0m"
ELAPSED = re.compile(r"^;TIME_ELAPSED:(\d+(?:\.\d+)?)", re.MULTILINE)


def read(comments: Comments) -> Said:
    """Cura writes no bed size, and weight and material only by a plug-in; lengths are in metres."""
    said = Said()
    read_single_values(
        said, comments, ("Nozzle diameter", "EXTRUDER_TRAIN.0.NOZZLE.DIAMETER"), ("Layer height",)
    )
    flavor = comments.find("FLAVOR")
    if flavor:
        said.flavor = flavor.value[:40].lower()
        said.note("flavor", flavor)
    said.add_printer_model(comments.find("TARGET_MACHINE.NAME"))
    count = comments.find("LAYER_COUNT")
    if count and numbers(count.value):
        said.layers = int(numbers(count.value)[0])
        said.note("layers", count)
    _time(said, comments)
    _filaments(said, comments)
    return said


def _time(said: Said, comments: Comments) -> None:
    found = comments.find("TIME", "PRINT.TIME")
    if found is None or found.value == PLACEHOLDER_TIME:
        elapsed = ELAPSED.findall(comments.head + "\n" + comments.tail)
        found = Found(elapsed[-1], "last TIME_ELAPSED") if elapsed else None
    if found:
        said.print_s = durations.seconds(found.value)
        said.note("print_s", found)


def _filaments(said: Said, comments: Comments) -> None:
    lengths, weights = comments.find("Filament used"), comments.find("Filament weight")
    if lengths is None or lengths.value == PLACEHOLDER_LENGTH:
        lengths = None
    # An engine run alone writes no length: the reader of moves then adds up what was fed.
    metres = amounts(lengths.value) if lengths else []
    weight = numbers(weights.value) if weights else []
    materials = texts(comments.text("Filament type"))
    uses = []
    for slot in range(max(len(metres), len(weight), len(materials))):
        length_mm = metres[slot] * 1000 if slot < len(metres) else 0.0
        weight_g = weight[slot] if slot < len(weight) else 0.0
        material = materials[slot] if slot < len(materials) else ""
        uses.append(
            FilamentUse(slot, weight_g, round(length_mm, 3), material, "", length_mm > 0 or weight_g > 0)
        )
    said.filaments = tuple(uses)
    if any(use.used and ABRASIVE.search(use.material) for use in uses):
        said.abrasive = True
    if lengths:
        said.note("filaments", lengths)
