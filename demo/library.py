"""The demo's models: files sliced by our own code, uploaded and read like anybody's."""

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import File

from accounts.models import User
from models3d import library, reading
from models3d.formats.layers import Book
from models3d.formats.metadata import Source
from models3d.formats.readers import read
from models3d.models import Revision

from .farm import KINDS
from .sliced import Wanted, gcode_3mf_file, gcode_file

BAMBU_CODES = {"Mini": "N1", "P1S": "C12", "X1C": "BL-P001"}


@dataclass(frozen=True, slots=True)
class Part:
    """A file to make: for which kind of printer, by which slicer, of what."""

    title: str
    kind: str
    slicer: str
    size_mm: tuple[float, float, float]
    minutes: int
    grams: float
    material: str = "PLA"
    color: str = "#FF6A13"


PARTS = (
    Part("Desk bracket", "Voron", "OrcaSlicer", (60, 40, 30), 74, 21.4),
    Part("Gear 18 teeth", "Voron", "PrusaSlicer", (50, 50, 12), 48, 14.2),
    Part("Phone stand", "Ender", "PrusaSlicer", (70, 60, 55), 95, 33.0),
    Part("Cable box", "Ender", "Cura", (80, 50, 25), 110, 38.5),
    Part("Spool clip", "Marlin", "Cura", (40, 25, 18), 36, 8.2),
    Part("Name tag", "Mini", "Bambu Studio", (60, 20, 3), 22, 4.1, color="#0A62C4"),
    Part("Twisted vase", "Mini", "Bambu Studio", (60, 60, 90), 84, 29.7, color="#FF6A13"),
    Part("Tool holder box", "P1S", "Bambu Studio", (90, 60, 40), 66, 41.8, material="PETG", color="#FFFFFF"),
    Part("Drone gear", "P1S", "Bambu Studio", (45, 45, 10), 31, 9.6, color="#1A1A1A"),
    Part("Shelf bracket", "Centauri", "OrcaSlicer", (70, 50, 40), 58, 24.6),
    Part("Spool hub box", "MK4", "PrusaSlicer", (65, 65, 20), 42, 15.8),
    Part("Cable gear", "MK3S", "PrusaSlicer", (40, 40, 10), 35, 9.2),
    Part("Camera bracket", "X1C", "Bambu Studio", (70, 45, 35), 52, 26.3, color="#0A62C4"),
)
TAGS = {
    "Voron": "klipper",
    "Ender": "klipper",
    "Marlin": "marlin",
    "Mini": "bambu",
    "P1S": "bambu",
    "X1C": "bambu",
    "Centauri": "elegoo",
    "MK4": "prusa",
    "MK3S": "prusa",
}


def add_models(by: User, kinds: Collection[str]) -> dict[str, list[Revision]]:
    """The library for these kinds of printers, ready to print; revisions by the kind they were sliced for."""
    made: dict[str, list[Revision]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in (part for part in PARTS if part.kind in kinds):
            path = _sliced(part, Path(folder))
            with path.open("rb") as source:
                model = library.add_model(
                    File(source, path.name), by=by, name=part.title, tags=[TAGS[part.kind]]
                )
            revision = Revision.objects.get(pk=model.current_id or model.pk)
            # These files are our own: reading them here saves a child process each.
            with tempfile.TemporaryFile() as preview:
                book = Book(preview)
                facts = read(Source(path, path.name, book))
                book.finish()
                reading.take_in(revision.pk, facts, preview)
            made.setdefault(part.kind, []).append(
                Revision.objects.select_related("model", "stored").get(pk=revision.pk)
            )
    return made


def _sliced(part: Part, folder: Path) -> Path:
    kind = KINDS[part.kind]
    stem = part.title.lower().replace(" ", "_")
    wanted: Wanted = {
        "printer_model": kind.model, "bed_mm": kind.bed_mm, "nozzle_mm": 0.4, "material": part.material,
        "color": part.color, "size_mm": part.size_mm, "minutes": part.minutes, "grams": part.grams,
        "title": part.title,
    }  # fmt: skip
    if kind.protocol == "bambu":
        path = folder / f"{stem}.gcode.3mf"
        gcode_3mf_file(path, printer_model_id=BAMBU_CODES[part.kind], **wanted)
    else:
        path = folder / f"{stem}.gcode"
        flavor = "marlin2" if kind.protocol == "prusalink" else "klipper"
        gcode_file(path, slicer=part.slicer, flavor=flavor, **wanted)
    return path
