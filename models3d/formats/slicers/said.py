"""What a slicer's comments say of a file, and the ways its lists, colours and sizes are written."""

import math
import re
from dataclasses import dataclass, field

from PIL import ImageColor

from models3d.formats import durations
from models3d.formats.metadata import Box, FilamentUse
from models3d.formats.slicers.comments import Comments, Found

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3}(?!\d))?")
COLOR = re.compile(r"#?([0-9A-Fa-f]{6})(?:[0-9A-Fa-f]{2})?")
# Fibres, metals, wood and glow pigments wear a brass nozzle.
ABRASIVE = re.compile(r"(?:^|[-+ _])(?:CF|GF|KF|CF\d+|GF\d+)\b|WOOD|GLOW|METAL|CARBON|GLASS", re.IGNORECASE)
LONGEST_LIST = 64
# A quoted name with its separators and \" in it, or a bare one; which of ; and , divides is seen before.
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
HOTTEST_C = 600


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
    # Left, front, right and back of the bed in the moves' coordinates; its middle may be 0.
    bed_sides_mm: tuple[float, float, float, float] | None = None
    flavor: str = ""
    abrasive: bool | None = None
    print_s: int | None = None
    filaments: tuple[FilamentUse, ...] = ()
    layers: int | None = None
    profile: str = ""
    nozzle_c: tuple[float, ...] = ()
    bed_c: float | None = None
    chamber_c: float | None = None
    bed_type: str = ""
    support: bool | None = None
    max_z_mm: float | None = None
    excluded_mm: tuple[float, float, float, float] | None = None
    # What the slicer says of the whole, to compare with: the box of the moves, all filaments' weight.
    told_box: Box | None = None
    told_g: float | None = None
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

    def set_time(self, found: Found | None) -> None:
        """Take over a duration, if it is one."""
        self.print_s = durations.seconds(found.value) if found else None
        if found and self.print_s is not None:
            self.note("print_s", found)

    def set_layers(self, found: Found | None) -> None:
        """Take over a count of layers; none, or fewer, is no count."""
        count = numbers(found.value) if found else []
        if found and count and count[0] >= 1:
            self.layers = int(count[0])
            self.note("layers", found)

    def see_materials(self) -> None:
        """Note that a used filament wears the nozzle, if the name of its material says so."""
        used = [use for use in self.filaments if use.used] or list(self.filaments)
        worn = next((use.material for use in used if ABRASIVE.search(use.material)), "")
        if worn:
            self.abrasive = True
            self.origins["abrasive"] = f"filament: {worn}"


def unquoted(text: str) -> str:
    return text.strip().strip('"').strip()


def texts(value: str) -> list[str]:
    """A list of names, split at ; or else at , but not within quotes."""
    if not value.strip():
        return []
    quoted: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        quoted.append(re.sub(r"\\(.)", r"\1", match[1]))
        return "\0"

    bare = QUOTED.sub(put_aside, value[:65536].replace("\0", " "))
    aside = iter(quoted)
    parts = bare.split(";" if ";" in bare else ",")[:LONGEST_LIST]
    return [re.sub("\0", lambda _: next(aside), unquoted(part)) for part in parts]


def quoted_list(values: list[object]) -> str:
    """A list as slicers write one, so that `texts` and `amounts` read it back."""
    return ";".join('"' + re.sub(r'(["\\])', r"\\\1", str(value)) + '"' for value in values[:LONGEST_LIST])


def truth(value: str) -> bool | None:
    """Whether a switch is on; None if it is none."""
    return {"1": True, "true": True, "0": False, "false": False}.get(unquoted(value).lower())


def temperature(value: float) -> float | None:
    """A temperature something is heated to; 0 is none."""
    return value if 0 < value <= HOTTEST_C else None


def numbers(value: str) -> list[float]:
    """All numbers in `value`, in order; impossible ones are left out."""
    found = [float(match) for match in NUMBER.findall(value[:4096])[:LONGEST_LIST]]
    return [number for number in found if math.isfinite(number) and abs(number) < 1e9]


def amounts(value: str) -> list[float]:
    """Numbers of a list, one for each place; what is none, or less than nothing, counts 0."""
    places = re.split(r"[;,]", value)[:LONGEST_LIST] if value.strip() else []
    return [max(0.0, next(iter(numbers(place)), 0.0)) for place in places]


def color(text: str) -> str:
    """#RRGGBB of six or eight digits or a name that browsers know, or "" if it is no colour."""
    name = unquoted(text)
    match = COLOR.fullmatch(name)
    if match:
        return f"#{match[1].upper()}"
    if name.lower() not in ImageColor.colormap:
        return ""
    red, green, blue = ImageColor.getrgb(name.lower())[:3]
    return f"#{red:02X}{green:02X}{blue:02X}"


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
    around, tall = surrounding(area), numbers(height)
    if around is None or not tall or tall[0] <= 0:
        return None
    left, front, right, back = around
    return right - left, back - front, tall[0]


def surrounding(area: str) -> tuple[float, float, float, float] | None:
    """Left, front, right and back in mm of a polygon like `0x0,18x0,18x28,0x28`; None if it has no area."""
    corners = [
        numbers(corner.replace("x", " ")) for corner in re.split(r"[;,]", area[:16384]) if corner.strip()
    ]
    points = [corner for corner in corners if len(corner) == 2]
    if len(points) < 3:
        return None
    along_x, along_y = zip(*points, strict=True)
    left, front, right, back = min(along_x), min(along_y), max(along_x), max(along_y)
    return (left, front, right, back) if left < right and front < back else None


def read_single_values(
    said: Said, comments: Comments, nozzle: tuple[str, ...], layer: tuple[str, ...]
) -> None:
    """Nozzle and layer height by the names that a slicer uses for them."""
    found = comments.find(*nozzle)
    if found:
        said.nozzle_mm = tuple(number for number in numbers(found.value) if 0 < number < 10)
        if said.nozzle_mm:
            said.note("nozzle_mm", found)
    found = comments.find(*layer)
    if found:
        said.layer_height_mm = length(found.value)
        if said.layer_height_mm is not None:
            said.note("layer_height_mm", found)
