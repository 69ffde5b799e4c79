"""ideaMaker: numbered keys, one for each extruder; densities in kg/m3."""

from models3d.formats import durations
from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments
from models3d.formats.slicers.said import ABRASIVE, Said, grams, numbers, unquoted

MOST_EXTRUDERS = 8


def read(comments: Comments) -> Said:
    """Time, filaments, and the printer's size and nozzle from `;Dimension:`."""
    said = Said()
    time = comments.find("Print Time")
    if time:
        said.print_s = durations.seconds(time.value)
        said.note("print_s", time)
    size = comments.find("Dimension")
    room = numbers(size.value) if size else []
    if size and len(room) >= 4 and min(room[:4]) > 0:
        said.bed_mm, said.nozzle_mm = (room[0], room[1], room[2]), (room[3],)
        said.note("bed_mm", size)
        said.note("nozzle_mm", size)
    said.filaments = tuple(
        use for slot in range(MOST_EXTRUDERS) if (use := _filament(comments, slot)) is not None
    )
    if any(use.used and ABRASIVE.search(use.material) for use in said.filaments):
        said.abrasive = True
    if said.filaments:
        said.origins["filaments"] = "tail: Material#1 Used"
    return said


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
        slot, grams(length_mm, diameter, density / 1000), length_mm, material, "", length_mm > 0
    )
