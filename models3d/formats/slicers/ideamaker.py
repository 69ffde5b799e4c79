"""ideaMaker: numbered keys, one for each extruder; densities in kg/m3."""

import re
from collections import Counter

from models3d.formats.metadata import Box, FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import Said, grams, length, numbers, unquoted

MOST_EXTRUDERS = 8
HEIGHT = re.compile(r"^;HEIGHT:[ \t]*(\d{1,3}(?:\.\d{1,6})?)", re.MULTILINE)


def read(comments: Comments) -> Said:
    """Time, filaments, and the printer's size and nozzle from `;Dimension:`."""
    said = Said()
    said.set_time(comments.find("Print Time"))
    size = comments.find("Dimension")
    room = numbers(size.value) if size else []
    if size and len(room) >= 4 and min(room[:4]) > 0:
        said.bed_mm, said.nozzle_mm = (room[0], room[1], room[2]), (room[3],)
        said.note("bed_mm", size)
        said.note("nozzle_mm", size)
    said.filaments = tuple(
        use for slot in range(MOST_EXTRUDERS) if (use := _filament(comments, slot)) is not None
    )
    said.see_materials()
    slots = range(1, MOST_EXTRUDERS + 1)
    found = comments.find(*(f"Material#{slot} Used" for slot in slots))
    found = found or comments.find(*(f"Filament Type #{slot}" for slot in slots))
    if said.filaments and found:
        said.note("filaments", found)
    _heights(said, comments)
    return said


def _heights(said: Said, comments: Comments) -> None:
    """The layers' height from their marks: the first one's own, and the commonest."""
    marks = HEIGHT.findall(comments.head) + HEIGHT.findall(comments.tail)
    if marks:
        said.first_layer_height_mm = length(marks[0])
        said.layer_height_mm = length(Counter(marks).most_common(1)[0][0])
        for fact in ("layer_height_mm", "first_layer_height_mm"):
            if getattr(said, fact) is not None:
                said.note(fact, Found("", "layer marks: HEIGHT"))
    box = comments.find("Bounding Box")
    ends = numbers(box.value) if box else []
    if box and len(ends) == 6 and all(ends[place] <= ends[place + 1] for place in (0, 2, 4)):
        said.told_box = Box((ends[0], ends[2], ends[4]), (ends[1], ends[3], ends[5]))
        said.max_z_mm = ends[5]
        said.note("max_z_mm", box)


def _filament(comments: Comments, slot: int) -> FilamentUse | None:
    number = slot + 1
    used = numbers(comments.text(f"Material#{number} Used"))
    material = unquoted(comments.text(f"Filament Type #{number}"))
    if not used and not material:
        return None
    length_mm = max(0.0, used[0]) if used else 0.0
    diameter, density = (
        next(iter(numbers(comments.text(f"Filament {name} #{number}"))), 0.0)
        for name in ("Diameter", "Density")
    )
    return FilamentUse(
        slot,
        grams(length_mm, diameter, density / 1000),
        length_mm,
        material,
        used=length_mm > 0,
        profile=unquoted(comments.text(f"Filament Name #{number}")),
        density=density / 1000 if density > 0 else None,
        diameter_mm=diameter if diameter > 0 else None,
    )
