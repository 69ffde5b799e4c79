"""PrusaSlicer, SuperSlicer, OrcaSlicer, Bambu Studio and kin: one family of keys with two sets of names."""

import re

from models3d.formats import durations
from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import (
    ABRASIVE,
    Said,
    amounts,
    at,
    bed,
    color,
    grams,
    length,
    numbers,
    read_single_values,
    texts,
)

GUARD = re.compile(r'^[ \t]*M862\.3 P[ \t]*"([^"\r\n]{1,80})"', re.MULTILINE)
TOTAL_TIME = re.compile(r"^; .*?total estimated time: ([^;\r\n]+)", re.MULTILINE)
# Bambu's scale of nozzle hardness, required_nozzle_HRC: its profiles say 3 for PLA and 40 for fibres.
HARDENED_HRC = 20


def read(comments: Comments) -> Said:
    """All facts that the family writes into its comments."""
    said = Said()
    read_single_values(said, comments, ("nozzle_diameter",), ("layer_height",))
    _first_layer(said, comments)
    _bed(said, comments)
    _names(said, comments)
    _time(said, comments)
    said.filaments = filaments(said, comments)
    said.abrasive = _abrasive(said, comments)
    found = comments.find("total layer number", "total layers count")
    count = numbers(found.value) if found else []
    if found and count and count[0] >= 1:
        said.layers = int(count[0])
        said.note("layers", found)
    return said


def _first_layer(said: Said, comments: Comments) -> None:
    found = comments.find("first_layer_height", "initial_layer_print_height")
    if found is None:
        return
    if found.value.rstrip().endswith("%"):
        share = numbers(found.value)
        if share and said.layer_height_mm and 0 < share[0] <= 1000:
            said.first_layer_height_mm = round(said.layer_height_mm * share[0] / 100, 4)
    else:
        said.first_layer_height_mm = length(found.value)
    if said.first_layer_height_mm is not None:
        said.note("first_layer_height_mm", found)


def _bed(said: Said, comments: Comments) -> None:
    area = comments.find("bed_shape", "printable_area")
    height = comments.find("max_print_height", "printable_height")
    if area and height:
        said.bed_mm = bed(area.value, height.value)
        if said.bed_mm:
            said.note("bed_mm", area)


def _names(said: Said, comments: Comments) -> None:
    found = comments.find("gcode_flavor")
    if found:
        said.flavor = found.value[:40].lower()
        said.note("flavor", found)
    said.add_printer_model(comments.find("printer_model"))
    said.add_printer_model(comments.find("printer_settings_id"))
    guard = GUARD.search(comments.head)
    if guard:
        said.add_printer_model(Found(guard[1], "head: M862.3"))


def _time(said: Said, comments: Comments) -> None:
    # Bambu's total holds the preparation, which keeps the printer busy as much as the print does.
    total = TOTAL_TIME.search(comments.head)
    found = Found(total[1], "head: total estimated time") if total else None
    found = found or comments.find("estimated printing time (normal mode)", "estimated printing time")
    if found:
        said.print_s = durations.seconds(found.value)
        said.note("print_s", found)


def filaments(said: Said, comments: Comments) -> tuple[FilamentUse, ...]:
    """One for each slot of the project, used or not."""
    lengths = comments.find("filament used [mm]", "total filament length [mm]")
    weights = comments.find("filament used [g]", "total filament weight [g]")
    used_mm, used_g = (amounts(found.value if found else "") for found in (lengths, weights))
    slots = _slots(comments, max(len(used_mm), len(used_g)))
    used_mm, used_g = _spread(used_mm, slots), _spread(used_g, slots)
    materials = texts(comments.text("filament_type"))
    colors, spare = texts(comments.text("filament_colour")), texts(comments.text("extruder_colour"))
    densities = comments.find("filament_density", sign="=") or comments.find("filament_density")
    diameters = comments.find("filament_diameter", sign="=") or comments.find("filament_diameter")
    density, diameter = (amounts(found.value if found else "") for found in (densities, diameters))
    uses = []
    for slot in range(max(len(used_mm), len(used_g), len(materials))):
        length_mm, weight_g = (values[slot] if slot < len(values) else 0.0 for values in (used_mm, used_g))
        if weight_g == 0 and length_mm > 0:
            weight_g = grams(length_mm, at(diameter, slot), at(density, slot))
        material = materials[slot] if slot < len(materials) else ""
        shade = color(colors[slot]) if slot < len(colors) else ""
        shade = shade or (color(spare[slot]) if slot < len(spare) else "")
        uses.append(FilamentUse(slot, weight_g, length_mm, material, shade, weight_g > 0 or length_mm > 0))
    found = lengths or weights
    if found:
        said.note("filaments", found)
    return tuple(uses)


def _slots(comments: Comments, count: int) -> list[int]:
    """The slots that the lists of used filament are about; Bambu lists only the used ones, by number."""
    listed = comments.find("filament", sign=":")
    numbered = [int(number) - 1 for number in numbers(listed.value)] if listed else []
    if len(numbered) == count and all(0 <= slot < 64 for slot in numbered):
        return numbered
    return list(range(count))


def _spread(values: list[float], slots: list[int]) -> list[float]:
    spread = [0.0] * (max(slots, default=-1) + 1)
    for slot, value in zip(slots, values, strict=False):
        spread[slot] = value
    return spread


def _abrasive(said: Said, comments: Comments) -> bool | None:
    flags, hardness = (
        numbers(comments.text("filament_abrasive")),
        numbers(comments.text("required_nozzle_HRC")),
    )
    used = [use for use in said.filaments if use.used] or list(said.filaments)
    if any(at(flags, use.index) > 0 for use in used) or any(
        at(hardness, use.index) > HARDENED_HRC for use in used
    ):
        return True
    if any(ABRASIVE.search(use.material) for use in used):
        return True
    return False if used and (flags or hardness) else None
