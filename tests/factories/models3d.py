"""Files and models for tests."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from models3d.formats.layers import Book
from models3d.models import Model3D, Plate, Revision, StoredFile
from models3d.reading import read_revision

DATA = Path(__file__).resolve().parent.parent / "data"
CUBE = DATA / "cube20_mk3s.gcode"


def upload(name: str = "cube.gcode", content: bytes | None = None) -> SimpleUploadedFile:
    """A chosen file; the PrusaSlicer cube unless `content` is given."""
    return SimpleUploadedFile(name, CUBE.read_bytes() if content is None else content)


def layers_file() -> bytes:
    """A preview of one layer of one plate."""
    written = io.BytesIO()
    book = Book(written)
    sheet = book.sheet(1)
    sheet.note_layers([0], [0.2], [3.5])
    sheet.write(b"strokes")
    book.add(sheet, [10, 10, 30, 40], [1], [0])
    book.finish()
    return written.getvalue()


def read_all() -> None:
    """What the worker does with files that wait."""
    for pk in Revision.objects.filter(status=Revision.Status.READING).values_list("pk", flat=True):
        read_revision(pk)


def make_model(name: str = "Cube", by: User | None = None, digest: str = "", **plate: Any) -> Model3D:
    """A model that was read, without a file on the disk: PLA, 20 mm, one plate."""
    number = Model3D.objects.count() + 1
    stored, _ = StoredFile.objects.get_or_create(
        sha256=(digest or f"{number:x}").rjust(64, "0"), defaults={"size": 1000, "path": f"gone/{number}"}
    )
    model = Model3D.objects.create(name=name, by=by)
    revision = Revision.objects.create(
        model=model,
        number=1,
        stored=stored,
        original_name=f"{name}.gcode",
        kind="gcode",
        status=Revision.Status.READY,
        metadata={
            "slicer": "PrusaSlicer",
            "nozzle_mm": [0.4],
            "printer_models": ["MK3S"],
            "bed_mm": [250, 210, 210],
        },
        by=by,
    )
    model.current = revision
    model.save(update_fields=["current"])
    use = {"index": 0, "grams": 3.5, "length_mm": 1170, "material": "PLA", "color": "#ff8000", "used": True}
    facts: dict[str, Any] = {
        "print_s": 1200,
        "layers": 100,
        "filaments": [use],
        "grams": Decimal("3.5"),
        **plate,
    }
    Plate.objects.create(revision=revision, number=1, **facts)
    return model
