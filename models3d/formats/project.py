"""A 3MF without G-code: what its slicer says, how large it is, and its picture."""

import re

from models3d.formats import assembly, picture, settings, slicing, thumbnails
from models3d.formats.archive import Archive
from models3d.formats.assembly import Assembly, Placed
from models3d.formats.camera import Extent
from models3d.formats.metadata import FilamentUse, Kind, Metadata, PlateSize, Source, UnreadableFile
from models3d.formats.models import SLICE_FIRST, UNSOUND, doubts
from models3d.formats.settings import Settings
from models3d.formats.slicers.said import color

MAIN = "3D/3dmodel.model"
MOST_NAMES = 50
NOTHING = "This 3MF holds not one triangle. Export it again."
NO_GCODE = "The G-code of plate {} is missing, though the file names it. Slice the plate and export it again."
PICTURES = (
    "Metadata/thumbnail.png",
    "Metadata/plate_1.png",
    "Auxiliaries/.thumbnails/thumbnail_3mf.png",
    "Auxiliaries/.thumbnails/thumbnail_middle.png",
    "Auxiliaries/.thumbnails/thumbnail_small.png",
)
CANNOT_CHECK = "The file uses {}, which we cannot check: size and picture may be wrong."
STRANGE_UNIT = (
    'The file gives its lengths in "{}", which is no unit of a 3MF. They are taken as mm: check the scale.'
)
NOT_PRINTED = "Nothing in this project is set to be printed."
TOO_MANY = "The model repeats its parts so often that its size cannot be told."


def read(source: Source) -> Metadata:
    """The facts of a project; UnreadableFile if its model is not sound."""
    with Archive(source.path) as archive:
        said = settings.read(archive)
        related = _related(archive)
        whole = Assembly(archive, related.get("3dmodel") or _main(archive), said.skips)
        if not whole.has_triangles and (lost := sorted(slicing.plates(archive.xml(slicing.SLICE_INFO)))):
            raise UnreadableFile(NO_GCODE.format(lost[0]))
        given = _picture(
            archive, [related.get("metadata/thumbnail", ""), *(p.picture for p in said.plates[:1])]
        )
    sizes = Sizes(whole, said)
    facts = whole.main.facts
    name, version = settings.slicer(facts.get("Application", ""))
    origins = said.said.origins | sizes.origins
    thumbnail, place = given if given[0] else (sizes.drawn(), "drawn from the mesh")
    if thumbnail:
        origins["thumbnail"] = place
    return Metadata(
        kind=Kind.PROJECT_3MF,
        slicer=name,
        slicer_version=version,
        printer_models=tuple(said.said.printer_models),
        nozzle_mm=said.said.nozzle_mm,
        layer_height_mm=said.said.layer_height_mm,
        first_layer_height_mm=said.said.first_layer_height_mm,
        bed_mm=said.said.bed_mm,
        flavor=said.said.flavor,
        abrasive=said.said.abrasive,
        thumbnail=thumbnail,
        warnings=(SLICE_FIRST, *sizes.warnings),
        origins=origins,
        title=settings.plain(facts.get("Title", "")),
        designer=settings.plain(facts.get("Designer", "")),
        description=settings.plain(facts.get("Description", "")),
        size_mm=sizes.size_mm,
        plate_sizes=sizes.plates,
        triangles=sizes.triangles,
        objects=_names(whole, said, sizes.placed or []),
        filaments=said.said.filaments or _colors(whole),
    )


class Sizes:
    """The room that a project takes, whole or by its plates, and the doubts about it."""

    def __init__(self, whole: Assembly, said: Settings) -> None:
        self.size_mm: tuple[float, float, float] | None = None
        self.plates: tuple[PlateSize, ...] = ()
        self.triangles: int | None = None
        self.origins: dict[str, str] = {}
        self.warnings = [CANNOT_CHECK.format(name) for name in whole.unknown[:3]]
        if whole.main.strange_unit:
            self.warnings.append(STRANGE_UNIT.format(whole.main.strange_unit))
        self._is_unsure = bool(whole.unknown)
        self._shown: list[Placed] = []
        if not whole.has_triangles and not self._is_unsure:
            raise UnreadableFile(NOTHING)
        self.placed = whole.placed()
        if self.placed is None:
            self.warnings.append(TOO_MANY)
            return
        self._measure([one for one in self.placed if one.extent], said)

    def drawn(self) -> bytes:
        """The picture of the plate, or of all."""
        if not self._shown:
            return b""
        return picture.drawn(_together(self._shown), assembly.batches(self._shown))

    def _measure(self, placed: list[Placed], said: Settings) -> None:
        if not placed:
            self.warnings += [] if self._is_unsure else [NOT_PRINTED]
            return
        if not _together(placed).is_sound:
            raise UnreadableFile(UNSOUND)
        self.triangles, self._shown = sum(one.triangles for one in placed), placed
        self.origins["triangles"] = f"{MAIN}: build"
        plates = _by_plate(placed, said)
        if len(said.plates) <= 1 or plates is None:
            self._measure_whole(placed, said)
            return
        self.plates = tuple(
            PlateSize(plate.number, plate.title, _together(some).size_mm if some else None)
            for plate, some in zip(said.plates, plates, strict=True)
        )
        self._shown = next(some for some in plates if some)
        largest = max(
            (plate for plate in self.plates if plate.size_mm), key=lambda plate: max(plate.size_mm or ())
        )
        self.size_mm = largest.size_mm
        self.origins["size_mm"] = f"plate {largest.number}, the one that reaches farthest"

    def _measure_whole(self, placed: list[Placed], said: Settings) -> None:
        """The box of all, unless they lie on several beds side by side."""
        size_mm, bed = _together(placed).size_mm, said.said.bed_mm
        beyond = bed is not None and (size_mm[0] > bed[0] or size_mm[1] > bed[1])
        if len(placed) > 1 and (len(said.plates) > 1 or beyond):
            self.size_mm = max((one.extent.size_mm for one in placed), key=max)
            self.origins["size_mm"] = "the largest object: which of them share a plate is not known"
        else:
            self.size_mm = size_mm
            self.origins["size_mm"] = f"{MAIN}: build"
        self.warnings += doubts(max(self.size_mm))


def _by_plate(placed: list[Placed], said: Settings) -> list[list[Placed]] | None:
    """What is printed on each plate; None if the lists leave out something or put it on two."""
    plates = [[one for one in placed if (one.object_id, one.copy) in plate.copies] for plate in said.plates]
    return plates if sum(map(len, plates)) == len(placed) else None


def _together(placed: list[Placed]) -> Extent:
    whole = Extent(placed[0].extent.origin)
    for one in placed:
        whole.join(one.extent)
    return whole


def _names(whole: Assembly, said: Settings, placed: list[Placed]) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    for one in placed:
        name = (said.names.get(one.object_id) or whole.name_of(one.object_id))[:120].strip()
        counts[name] = counts.get(name, 0) + 1
    counts.pop("", None)
    return tuple(name if count == 1 else f"{name} × {count}" for name, count in counts.items())[:MOST_NAMES]


def _colors(whole: Assembly) -> tuple[FilamentUse, ...]:
    """The colours of a model without a slicer's settings; its names of materials are anybody's words."""
    shades = [color(text) for text in whole.main.colors]
    return tuple(FilamentUse(slot, color=shade, used=False) for slot, shade in enumerate(shades) if shade)


def _related(archive: Archive) -> dict[str, str]:
    """The members that the package names as its model and its picture, by the ends of their types."""
    root = archive.xml("_rels/.rels")
    found: dict[str, str] = {}
    for element in root.iter() if root is not None else ():
        target = element.get("Target", "").lstrip("/")
        for role in ("3dmodel", "metadata/thumbnail"):
            if element.get("Type", "").endswith("/" + role) and target in archive.names:
                found.setdefault(role, target)
    return found


def _main(archive: Archive) -> str:
    models = [name for name in archive.names if re.search(r"\.model$", name, re.IGNORECASE)]
    return MAIN if MAIN in models else min(models, key=lambda name: (name.count("/"), name))


def _picture(archive: Archive, named: list[str]) -> tuple[bytes, str]:
    """The first sound picture, and where it was; one without a visible pixel is none."""
    for name in dict.fromkeys((*named, *PICTURES)):
        try:
            png = thumbnails.as_png(archive.content(name, most=thumbnails.LARGEST_BYTES))
        except UnreadableFile:
            # A model is worth reading without its picture; the archive's own limits hold all the same.
            continue
        if png and thumbnails.shows_something(png):
            return png, name
    return b"", ""
