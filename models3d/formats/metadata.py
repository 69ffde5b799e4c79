"""What a print file says of itself, whatever slicer wrote it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from models3d.formats.layers import Book

# The width of a line where the file states none, per nozzle; and the nozzle where that isn't stated either.
LINE_PER_NOZZLE = 1.125
USUAL_NOZZLE_MM = 0.4


class Kind(StrEnum):
    """What a file is by its content. Drivers name the kinds they print in `Driver.formats`."""

    GCODE = "gcode"
    BGCODE = "bgcode"
    GCODE_3MF = "gcode.3mf"
    PROJECT_3MF = "3mf"
    STL = "stl"


class UnreadableFile(Exception):
    """The file cannot be understood; the message tells the person at the page why."""


@dataclass(frozen=True, slots=True)
class Box:
    """A span in bed coordinates, mm."""

    min: tuple[float, float, float]
    max: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class FilamentUse:
    """One filament slot of the file, used or not. `index` is the slot from 0 as the file counts them.

    `profile` is the slicer's name of the filament, `bambu_id` Bambu's, such as GFA00; `density` in g/cm3.
    """

    index: int
    grams: float = 0.0
    length_mm: float = 0.0
    material: str = ""
    color: str = ""
    used: bool = True
    profile: str = ""
    vendor: str = ""
    bambu_id: str = ""
    density: float | None = None
    diameter_mm: float | None = None


@dataclass(frozen=True, slots=True)
class PlateFacts:
    """One printable plate. `number` counts from 1; `md5` is of the plate's own G-code, "" if not given.

    `box` is of the extruding moves, half a line width added; `motion` of all known moves, for information.
    `box_estimated` says that no layer marks were found, so purge lines may be in it.
    """

    number: int
    title: str = ""
    print_s: int | None = None
    filaments: tuple[FilamentUse, ...] = ()
    layers: int | None = None
    box: Box | None = None
    motion: Box | None = None
    box_estimated: bool = False
    md5: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class PlateSize:
    """How much room one plate of a project takes before slicing, mm; None where it can't be told."""

    number: int
    title: str = ""
    size_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """The facts of one file. Unknown is None or empty, never a guess; `origins` names where a fact was read.

    Temperatures are of the first layer, `nozzle_c` one for each slot and 0 where none is told. `profile` is
    the print settings' name, `support` whether any is printed, `max_z_mm` the height that the slicer tells.
    `excluded_mm` is where the bed may not be used: left, front, right, back.
    `leaves_bed` are the numbers of plates whose tool path leaves the bed by the slicer's own finding.
    `origins` maps a field's name to a place such as "project_settings.config: printable_area" or
    "tail: bed_shape". `thumbnail` is PNG bytes. `printer_models` are the raw strings, best source first.

    Only models have what follows `origins`. `size_mm` is the box of what is to be printed, as it lies on the
    bed; of several plates it is the one that reaches farthest, and all stand in `plate_sizes`. `filaments`
    are a project's slots, amounts unknown and 0. `objects` are names, "Lid × 3" for one that is there thrice.
    """

    kind: Kind
    slicer: str = ""
    slicer_version: str = ""
    printer_models: tuple[str, ...] = ()
    nozzle_mm: tuple[float, ...] = ()
    layer_height_mm: float | None = None
    first_layer_height_mm: float | None = None
    bed_mm: tuple[float, float, float] | None = None
    flavor: str = ""
    abrasive: bool | None = None
    profile: str = ""
    nozzle_c: tuple[float, ...] = ()
    bed_c: float | None = None
    chamber_c: float | None = None
    bed_type: str = ""
    support: bool | None = None
    max_z_mm: float | None = None
    excluded_mm: tuple[float, float, float, float] | None = None
    plates: tuple[PlateFacts, ...] = ()
    thumbnail: bytes = field(default=b"", repr=False)
    leaves_bed: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    origins: dict[str, str] = field(default_factory=dict)
    title: str = ""
    designer: str = ""
    description: str = ""
    size_mm: tuple[float, float, float] | None = None
    plate_sizes: tuple[PlateSize, ...] = ()
    triangles: int | None = None
    objects: tuple[str, ...] = ()
    filaments: tuple[FilamentUse, ...] = ()

    @property
    def is_printable(self) -> bool:
        return self.kind in {Kind.GCODE, Kind.BGCODE, Kind.GCODE_3MF} and bool(self.plates)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: where it is and what its name ends with (names are never trusted for the kind).

    `preview` takes the layers of what is sliced, if they are wanted.
    """

    path: Path
    name: str
    preview: Book | None = None
