"""KISSlicer, IceSL and Kiri:Moto, which tell little: their times, lengths and nozzles."""

import re

from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import Said, numbers, read_single_values

KISS_VERSION = re.compile(r"^; ?version (\S{1,40})", re.MULTILINE)
KISS_TIME = re.compile(r"Build Time:[ \t]*(\d{1,9}(?:\.\d{1,6})?) minutes")
KISS_LENGTH = re.compile(r"^;[ \t]*Ext #(\d{1,2})[ \t]*=[ \t]*(\d{1,9}(?:\.\d{1,6})?) mm", re.MULTILINE)
MOST_EXTRUDERS = 16


def read_kisslicer(comments: Comments) -> Said:
    """The build time, in minutes there, and the length for each extruder."""
    said = Said()
    version = KISS_VERSION.search(comments.head)
    said.slicer_version = version[1] if version else ""
    minutes = comments.match(KISS_TIME, "Build Time")
    if minutes:
        said.set_time(Found(f"{float(minutes.value) * 60:.0f}", minutes.origin))
    at_tail = KISS_LENGTH.findall(comments.tail)
    found = at_tail or KISS_LENGTH.findall(comments.head)
    lengths = {int(number): float(length) for number, length in found if 1 <= int(number) <= MOST_EXTRUDERS}
    said.filaments = tuple(
        FilamentUse(slot, length_mm=lengths.get(slot + 1, 0.0), used=lengths.get(slot + 1, 0.0) > 0)
        for slot in range(max(lengths, default=0))
    )
    if lengths:
        said.note("filaments", Found("", f"{'tail' if at_tail else 'head'}: Ext #"))
    return said


def read_icesl(comments: Comments) -> Said:
    """Keys with their units in their names."""
    said = Said()
    read_single_values(said, comments, ("nozzle_diameter_mm_0",), ("z_layer_height_mm", "layer_height_mm"))
    said.set_time(comments.find("estimated_print_time_s"))
    used = comments.find("filament_used_mm")
    length_mm = next(iter(numbers(used.value)), 0.0) if used else 0.0
    if used and length_mm > 0:
        said.filaments = (FilamentUse(0, length_mm=length_mm),)
        said.note("filaments", used)
    said.set_layers(comments.find("layer_count"))
    return said


def read_kirimoto(comments: Comments) -> Said:
    """Nothing but its name is sure; the moves tell the rest."""
    return Said()
