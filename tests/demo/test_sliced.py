"""Files made for the demo say and do what they were asked to."""

import hashlib
import io
import zipfile

import pytest
from PIL import Image

from demo.shapes import PARTS, part_for
from demo.sliced import gcode_3mf_file, gcode_file
from models3d.formats.metadata import Kind, Source
from models3d.formats.readers import kind_of, read

SIZES = {
    "box": (60, 40, 20),
    "vase": (60, 60, 80),
    "gear": (50, 50, 12),
    "bracket": (40, 40, 40),
    "stand": (70, 80, 60),
    "hook": (40, 60, 12),
    "coaster": (90, 90, 6),
    "tag": (70, 24, 4),
}


def wanted(part="bracket", **changes):
    return {
        "printer_model": "Voron 2.4 250",
        "bed_mm": (250.0, 250.0, 230.0),
        "nozzle_mm": 0.4,
        "material": "PETG",
        "color": "#2E86AB",
        "size_mm": tuple(map(float, SIZES[part])),
        "minutes": 87.5,
        "grams": 31.4,
        "title": f"Workshop {part}",
    } | changes


@pytest.mark.parametrize("slicer", ["PrusaSlicer", "OrcaSlicer", "Bambu Studio", "Cura"])
def test_a_gcode_reads_back_as_it_was_asked_for(tmp_path, slicer):
    path = tmp_path / "made.gcode"

    gcode_file(path, slicer=slicer, **wanted())

    facts = read(Source(path, path.name))
    (plate,) = facts.plates
    assert (facts.kind, facts.slicer) == (Kind.GCODE, slicer)
    assert facts.printer_models[0] == "Voron 2.4 250"
    assert facts.nozzle_mm == (0.4,)
    assert facts.layer_height_mm == 0.2
    assert plate.print_s == 5250
    assert plate.layers == 200
    assert plate.filaments[0].grams == 31.4
    assert plate.filaments[0].material == "PETG"
    assert plate.box.min == pytest.approx((105, 105, 0.2), abs=0.1)
    assert plate.box.max == pytest.approx((145, 145, 40), abs=0.1)
    assert facts.warnings == ()


def test_moves_feed_the_filament_the_comments_tell(tmp_path):
    path = tmp_path / "made.gcode"
    gcode_file(path, slicer="Cura", **wanted())
    text = path.read_text()
    path.write_text(text.replace(";Filament used: 10.27921m", ";Filament used: 0m"))

    fed = read(Source(path, "x")).plates[0].filaments[0].length_mm

    # The purge line before the print feeds 12 mm and the end draws 2 mm back.
    assert fed == pytest.approx(10279.21 + 12 - 2, abs=0.5)


def test_a_3mf_reads_back_as_it_was_asked_for(tmp_path):
    path = tmp_path / "made.gcode.3mf"

    gcode_3mf_file(
        path, printer_model_id="N1", **wanted(printer_model="Bambu Lab A1 mini", bed_mm=(180.0,) * 3)
    )

    facts = read(Source(path, path.name))
    (plate,) = facts.plates
    assert facts.kind == Kind.GCODE_3MF
    assert facts.printer_models == ("Bambu Lab A1 mini", "Bambu Lab A1 mini 0.4 nozzle", "N1")
    assert facts.bed_mm == (180, 180, 180)
    assert plate.title == "Workshop bracket"
    assert plate.print_s == 5250
    assert plate.filaments[0].color == "#2E86AB"
    assert plate.box.max == pytest.approx((110, 110, 40), abs=0.1)
    with zipfile.ZipFile(path) as archive:
        digest = hashlib.md5(archive.read("Metadata/plate_1.gcode"), usedforsecurity=False).hexdigest()
    assert plate.md5 == digest.upper()


def test_the_same_wish_makes_the_same_file(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"

    gcode_3mf_file(first, **wanted("tag"))
    gcode_3mf_file(second, **wanted("tag"))

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_its_size_its_picture_and_a_sensible_file(tmp_path, part):
    path = tmp_path / "made.gcode"

    gcode_file(path, slicer="PrusaSlicer", **wanted(part))

    facts = read(Source(path, path.name))
    size = [high - low for low, high in zip(facts.plates[0].box.min, facts.plates[0].box.max, strict=True)]
    assert size[0] <= SIZES[part][0] + 0.1
    assert size[1] <= SIZES[part][1] + 0.1
    assert size[0] >= SIZES[part][0] * 0.8
    assert facts.plates[0].box.max[2] == pytest.approx(SIZES[part][2], abs=0.3)
    assert 50_000 < path.stat().st_size < 1_100_000
    image = Image.open(io.BytesIO(facts.thumbnail))
    assert image.size == (300, 300)
    assert image.getpixel((2, 2))[3] == 0
    assert image.getbbox()[2] - image.getbbox()[0] > 100


def test_a_title_names_its_part_and_keeps_it():
    assert part_for("Planetary GEAR v2") is PARTS["gear"]
    assert part_for("Left clip") is part_for("Left clip")


def test_a_made_file_is_known_by_content(tmp_path):
    path = tmp_path / "picture.jpg"

    gcode_3mf_file(path, **wanted("coaster"))

    assert kind_of(path) is Kind.GCODE_3MF
