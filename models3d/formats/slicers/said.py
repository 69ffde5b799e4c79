"""What a slicer's comments say of a file, and the ways its lists, colours and sizes are written."""

import math
import re
from dataclasses import dataclass, field

from models3d.formats.metadata import FilamentUse
from models3d.formats.slicers.comments import Comments, Found

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
COLOR = re.compile(r"#?([0-9A-Fa-f]{6})(?:[0-9A-Fa-f]{2})?")
# Fibres, metals, wood and glow pigments wear a brass nozzle.
ABRASIVE = re.compile(r"(?:^|[-+ _])(?:CF|GF|KF|CF\d+|GF\d+)\b|WOOD|GLOW|METAL|CARBON|GLASS", re.IGNORECASE)
LONGEST_LIST = 64


@dataclass(slots=True)
class Said:
    """The facts of one G-code so far; see `metadata` for units. `origins` names where each was read."""

    slicer: str = ""
    slicer_version: str = ""
    printer_models: list[str] = field(default_factory=list)
    nozzle_mm: tuple[float, ...] = ()
    layer_height_mm: float | None = None
    first_layer_height_mm: float | None = None
    bed_mm: tuple[float, float, float] | None = None
    flavor: str = ""
    abrasive: bool | None = None
    print_s: int | None = None
    filaments: tuple[FilamentUse, ...] = ()
    layers: int | None = None
    warnings: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)

    def note(self, fact: str, found: Found) -> None:
        self.origins[fact] = found.origin

    def add_printer_model(self, found: Found | None) -> None:
        """Add a name of the printer, unless it is there already."""
        if found is None:
            return
        name = unquoted(found.value)
        if name and name not in self.printer_models:
            self.printer_models.append(name)
            self.origins.setdefault("printer_models", found.origin)


def unquoted(text: str) -> str:
    return text.strip().strip('"').strip()


def texts(value: str) -> list[str]:
    """A list of names, split at ; or , whatever the slicer uses."""
    return [unquoted(part) for part in re.split(r"[;,]", value)[:LONGEST_LIST]] if value.strip() else []


def numbers(value: str) -> list[float]:
    """All numbers in `value`, in order; impossible ones are left out."""
    found = [float(match) for match in NUMBER.findall(value[:4096])[:LONGEST_LIST]]
    return [number for number in found if math.isfinite(number) and abs(number) < 1e9]


def amounts(value: str) -> list[float]:
    """Numbers of a list, one for each place; what is none, or less than nothing, counts 0."""
    places = re.split(r"[;,]", value)[:LONGEST_LIST] if value.strip() else []
    return [max(0.0, next(iter(numbers(place)), 0.0)) for place in places]


def color(text: str) -> str:
    """#RRGGBB, or "" if it is no colour."""
    match = COLOR.fullmatch(unquoted(text))
    return f"#{match[1].upper()}" if match else ""


def at(values: list[float], place: int) -> float:
    """The value of a slot; a list of one counts for all slots; 0 if there is none."""
    if len(values) == 1:
        return values[0]
    return values[place] if place < len(values) else 0.0


def grams(length_mm: float, diameter_mm: float, density: float) -> float:
    """Weight of filament; `density` in g/cm3, 0 if any is unknown."""
    return round(math.pi / 4 * diameter_mm**2 * length_mm / 1000 * density, 2)


def length(text: str) -> float | None:
    """A length of a layer or nozzle in mm, None unless it is one."""
    found = numbers(text)
    return found[0] if found and 0 < found[0] < 100 else None


def bed(area: str, height: str) -> tuple[float, float, float] | None:
    """Width, depth and height in mm of a polygon such as `0x0,250x0,250x210,0x210`."""
    corners = [
        numbers(corner.replace("x", " ")) for corner in re.split(r"[;,]", area[:16384]) if corner.strip()
    ]
    points = [corner for corner in corners if len(corner) == 2]
    tall = numbers(height)
    if len(points) < 3 or not tall:
        return None
    width, depth = (max(axis) - min(axis) for axis in zip(*points, strict=True))
    return (width, depth, tall[0]) if min(width, depth, tall[0]) > 0 else None


def read_single_values(
    said: Said, comments: Comments, nozzle: tuple[str, ...], layer: tuple[str, ...]
) -> None:
    """Nozzle and layer height by the names that a slicer uses for them."""
    found = comments.find(*nozzle)
    if found:
        sizes = tuple(number for number in numbers(found.value) if 0 < number < 10)
        said.nozzle_mm = sizes
        said.note("nozzle_mm", found)
    found = comments.find(*layer)
    if found:
        said.layer_height_mm = length(found.value)
        said.note("layer_height_mm", found)
