"""Cura and its engine."""

import math
import re

from models3d.formats.metadata import Box, FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import Said, amounts, numbers, read_single_values, temperature, texts

# CuraEngine run alone leaves these in the places that Cura fills in.
PLACEHOLDER_TIME, PLACEHOLDER_LENGTH, PLACEHOLDER_MM = "6666", "0m", 2_000_000
MOST_TRAINS = 16
# UltiMaker's own two dialects tell volumes; all its machines take filament of this width.
ULTIMAKER_FILAMENT_MM = 2.85
ULTIMAKER = ("griffin", "ultigcode")
CORNERS = (("MINX", "MINY", "MINZ"), ("MAXX", "MAXY", "MAXZ"))
ULTIMAKER_CORNERS = tuple(tuple(f"PRINT.SIZE.{end}.{axis}" for axis in "XYZ") for end in ("MIN", "MAX"))
ELAPSED = re.compile(r"^;TIME_ELAPSED:(\d+(?:\.\d+)?)", re.MULTILINE)


def read(comments: Comments) -> Said:
    """Cura writes no bed size, and weight and material only by a plug-in; lengths are in metres."""
    said = Said()
    trains = tuple(f"EXTRUDER_TRAIN.{train}.NOZZLE.DIAMETER" for train in range(MOST_TRAINS))
    read_single_values(said, comments, ("Nozzle diameter",), ("Layer height",))
    nozzles = [found for key in trains if (found := comments.find(key))]
    sizes = tuple(size for found in nozzles for size in numbers(found.value)[:1] if 0 < size < 10)
    if sizes and not said.nozzle_mm:
        said.nozzle_mm = sizes
        said.note("nozzle_mm", nozzles[0])
    flavor = comments.find("FLAVOR")
    if flavor:
        said.flavor = flavor.value[:40].lower()
        said.note("flavor", flavor)
    said.add_printer_model(comments.find("TARGET_MACHINE.NAME"))
    said.set_layers(comments.find("LAYER_COUNT"))
    _time(said, comments)
    _filaments(said, comments)
    said.see_materials()
    _temperatures(said, comments)
    said.told_box = _box(comments, CORNERS) or _box(comments, ULTIMAKER_CORNERS)
    if said.told_box:
        said.max_z_mm = said.told_box.max[2]
        said.note("max_z_mm", comments.find("MAXZ", "PRINT.SIZE.MAX.Z") or Found("", "head"))
    return said


def _box(comments: Comments, corners: tuple[tuple[str, ...], ...]) -> Box | None:
    """The box that Cura tells; None if it is not there or what an engine run alone leaves in its place."""
    ends = [[numbers(comments.text(key))[:1] for key in keys] for keys in corners]
    values = [value for end in ends for found in end for value in found]
    if len(values) != 6 or max(map(abs, values)) > PLACEHOLDER_MM:
        return None
    if any(low > high for low, high in zip(values[:3], values[3:], strict=True)):
        return None
    return Box((values[0], values[1], values[2]), (values[3], values[4], values[5]))


def _temperatures(said: Said, comments: Comments) -> None:
    for fact, key in (
        ("nozzle_c", "EXTRUDER_TRAIN.0.INITIAL_TEMPERATURE"),
        ("bed_c", "BUILD_PLATE.INITIAL_TEMPERATURE"),
        ("chamber_c", "BUILD_VOLUME.TEMPERATURE"),
    ):
        found = comments.find(key)
        heat = temperature(next(iter(numbers(found.value)), 0.0)) if found else None
        if found and heat:
            setattr(said, fact, (heat,) if fact == "nozzle_c" else heat)
            said.note(fact, found)


def _time(said: Said, comments: Comments) -> None:
    found = comments.find("TIME", "PRINT.TIME")
    if found is None or found.value == PLACEHOLDER_TIME:
        elapsed = ELAPSED.findall(comments.head + "\n" + comments.tail)
        found = Found(elapsed[-1], "last TIME_ELAPSED") if elapsed else None
    said.set_time(found)


def _filaments(said: Said, comments: Comments) -> None:
    lengths, weights = comments.find("Filament used"), comments.find("Filament weight")
    if lengths is None or lengths.value == PLACEHOLDER_LENGTH:
        lengths = None
    # An engine run alone writes no length: the reader of moves then adds up what was fed.
    millimetres = [metres * 1000 for metres in amounts(lengths.value)] if lengths else []
    if said.flavor in ULTIMAKER:
        lengths, millimetres = _of_volumes(comments)
    weight = numbers(weights.value) if weights else []
    kinds, names = comments.find("Filament type"), texts(comments.text("Filament name"))
    materials = texts(kinds.value) if kinds else []
    uses = []
    for slot in range(max(len(millimetres), len(weight), len(materials))):
        length_mm = millimetres[slot] if slot < len(millimetres) else 0.0
        weight_g = max(0.0, weight[slot]) if slot < len(weight) else 0.0
        material = materials[slot] if slot < len(materials) else ""
        used, name = length_mm > 0 or weight_g > 0, names[slot] if slot < len(names) else ""
        uses.append(FilamentUse(slot, weight_g, round(length_mm, 3), material, "", used, name))
    said.filaments = tuple(uses)
    found = lengths or weights or kinds
    if found and uses:
        said.note("filaments", found)


def _of_volumes(comments: Comments) -> tuple[Found | None, list[float]]:
    """The lengths of what UltiMaker's dialects give in mm3: a key of its own for each extruder."""
    old = ("MATERIAL", *(f"MATERIAL{number}" for number in range(2, MOST_TRAINS + 1)))
    new = tuple(f"EXTRUDER_TRAIN.{train}.MATERIAL.VOLUME_USED" for train in range(MOST_TRAINS))
    for keys in (new, old):
        found = [comments.find(key) for key in keys]
        if first := next((one for one in found if one), None):
            volumes = [next(iter(amounts(one.value)), 0.0) if one else 0.0 for one in found]
            last = max(place for place, one in enumerate(found) if one)
            area = math.pi / 4 * ULTIMAKER_FILAMENT_MM**2
            return first, [volume / area for volume in volumes[: last + 1]]
    return None, []
