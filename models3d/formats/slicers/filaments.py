"""The filaments of PrusaSlicer's family, one for each slot of the project, and what is known of each."""

import math
import re
from dataclasses import replace

from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments, Found
from models3d.formats.slicers.said import Said, amounts, at, color, grams, numbers, texts

MOST_SLOTS = 64
SLIC3R = re.compile(r"^; filament used = (\d{1,9}(?:\.\d{1,6})?)[ \t]*mm", re.MULTILINE)


def read(said: Said, comments: Comments) -> tuple[FilamentUse, ...]:
    """One for each slot, used or not; what a slot's own profile says goes with it."""
    lengths = comments.find("filament used [mm]", "total filament length [mm]") or _of_slic3r(comments)
    weights = comments.find("filament used [g]", "total filament weight [g]")
    volumes = None if lengths else _cubic_mm(comments)
    used_mm, used_g, used_mm3 = (
        amounts(found.value if found else "") for found in (lengths, weights, volumes)
    )
    slots = _slots(comments, max(len(used_mm), len(used_g), len(used_mm3)))
    used_mm, used_g, used_mm3 = (_spread(values, slots) for values in (used_mm, used_g, used_mm3))
    materials = comments.find("filament_type")
    known = _profiles(comments, max(len(used_mm), len(used_g), len(used_mm3), _count(materials)))
    uses = []
    for use in known:
        length_mm, weight_g, volume_mm3 = (_of(values, use.index) for values in (used_mm, used_g, used_mm3))
        if volume_mm3 > 0 and use.diameter_mm:
            length_mm = round(volume_mm3 / (math.pi / 4 * use.diameter_mm**2), 2)
        if weight_g == 0 and length_mm > 0:
            weight_g = grams(length_mm, use.diameter_mm or 0.0, use.density or 0.0)
        uses.append(
            replace(use, grams=weight_g, length_mm=length_mm, used=max(weight_g, length_mm, volume_mm3) > 0)
        )
    found = lengths or weights or volumes or materials
    if found and uses:
        said.note("filaments", found)
    if materials and uses:
        said.note("materials", materials)
    return tuple(uses)


def _of_slic3r(comments: Comments) -> Found | None:
    """Plain Slic3r writes one line for each extruder, `1234.5mm (2.9cm3)`."""
    for place, text in (("tail", comments.tail), ("head", comments.head)):
        if found := SLIC3R.findall(text):
            return Found(",".join(found), f"{place}: filament used")
    return None


def _cubic_mm(comments: Comments) -> Found | None:
    """Volumes in mm3; Bambu's, labelled as cm3, are that already."""
    found = comments.find("filament used [cm3]")
    if found:
        return Found(",".join(str(volume * 1000) for volume in amounts(found.value)), found.origin)
    return comments.find("total filament volume [cm^3]")


def _profiles(comments: Comments, count: int) -> list[FilamentUse]:
    """What is known of each slot before anything is fed."""
    materials, colors, spare, profiles, vendors, ids = (
        texts(comments.text(key))
        for key in (
            "filament_type",
            "filament_colour",
            "extruder_colour",
            "filament_settings_id",
            "filament_vendor",
            "filament_ids",
        )
    )
    density, diameter = (
        amounts((comments.find(key, sign="=") or comments.find(key) or Found("", "")).value)
        for key in ("filament_density", "filament_diameter")
    )
    return [
        FilamentUse(
            slot,
            material=_name(materials, slot),
            color=color(_name(colors, slot)) or color(_name(spare, slot)),
            profile=_name(profiles, slot),
            vendor=_name(vendors, slot),
            bambu_id=_name(ids, slot),
            density=_within(at(density, slot), 25),
            diameter_mm=_within(at(diameter, slot), 10),
        )
        for slot in range(min(count, MOST_SLOTS))
    ]


def _count(found: Found | None) -> int:
    return len(texts(found.value)) if found else 0


def _name(names: list[str], slot: int) -> str:
    return names[slot] if slot < len(names) else ""


def _of(values: list[float], slot: int) -> float:
    return values[slot] if slot < len(values) else 0.0


def _within(value: float, most: float) -> float | None:
    return value if 0 < value <= most else None


def _slots(comments: Comments, count: int) -> list[int]:
    """The slots that the lists of used filament are about; Bambu lists only the used ones, by number."""
    listed = comments.find("filament", sign=":")
    numbered = [int(number) - 1 for number in numbers(listed.value)] if listed else []
    if len(numbered) == count and all(0 <= slot < MOST_SLOTS for slot in numbered):
        return numbered
    return list(range(count))


def _spread(values: list[float], slots: list[int]) -> list[float]:
    spread = [0.0] * (max(slots, default=-1) + 1)
    for slot, value in zip(slots, values, strict=False):
        spread[slot] = value
    return spread
