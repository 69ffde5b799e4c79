"""PrusaSlicer, SuperSlicer, OrcaSlicer, Bambu Studio and kin: one family of keys with two sets of names."""

import re

from models3d.formats.slicers import filaments, settings
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import Said, at, bed, length, numbers, read_single_values, surrounding

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
    said.filaments = filaments.read(said, comments)
    _abrasive(said, comments)
    settings.read(said, comments)
    total = comments.find("total filament used [g]")
    said.told_g = next(iter(numbers(total.value)), None) if total else None
    said.set_layers(comments.find("total layer number", "total layers count"))
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
            said.bed_sides_mm = surrounding(area.value)
            said.note("bed_mm", area)


def _names(said: Said, comments: Comments) -> None:
    found = comments.find("gcode_flavor")
    if found:
        said.flavor = found.value[:40].lower()
        said.note("flavor", found)
    said.add_printer_model(comments.find("printer_model"))
    said.add_printer_model(comments.find("printer_settings_id"))


def _time(said: Said, comments: Comments) -> None:
    # Bambu's total holds the preparation, which keeps the printer busy as much as the print does.
    total = TOTAL_TIME.search(comments.head)
    found = Found(total[1], "head: total estimated time") if total else None
    found = found or comments.find("estimated printing time (normal mode)", "estimated printing time")
    said.set_time(found)


def _abrasive(said: Said, comments: Comments) -> None:
    abrasive, hardness = comments.find("filament_abrasive"), comments.find("required_nozzle_HRC")
    flags, hard = (numbers(found.value) if found else [] for found in (abrasive, hardness))
    used = [use for use in said.filaments if use.used] or list(said.filaments)
    if abrasive and any(at(flags, use.index) > 0 for use in used):
        said.abrasive = True
        said.note("abrasive", abrasive)
    elif hardness and any(at(hard, use.index) > HARDENED_HRC for use in used):
        said.abrasive = True
        said.note("abrasive", hardness)
    else:
        said.see_materials()
    told = abrasive or hardness
    if said.abrasive is None and used and told and (flags or hard):
        said.abrasive = False
        said.note("abrasive", told)
