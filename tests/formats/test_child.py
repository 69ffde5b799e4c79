"""The child process answers with one JSON document, whatever it is given, and the record survives it."""

import json
import subprocess
import sys
from dataclasses import fields, replace

import pytest

from models3d.formats.metadata import FilamentUse, Kind, Metadata, PlateSize, Source
from models3d.formats.readers import read
from models3d.formats.serialising import from_json, to_json
from tests.formats.meshes import binary_stl, brick_3mf, torus
from tests.formats.samples import BAMBU, OURS, facts_of, sliced_3mf

OF_MODELS = {
    "size_mm": (1.5, 2.0, 3.0),
    "plate_sizes": (PlateSize(1, "Lid", (1.0, 2.0, 3.0)), PlateSize(2)),
    "objects": ("Lid × 2",),
    "filaments": (FilamentUse(0, color="#FF0000", used=False),),
    "triangles": 12,
}


def asked(path, name="upload.gcode"):
    command = [sys.executable, "-m", "models3d.formats", str(path), name]
    answer = subprocess.run(command, capture_output=True, timeout=60, check=True, cwd=OURS.parent.parent)
    assert answer.stderr == b""
    return json.loads(answer.stdout)


@pytest.mark.parametrize("name", ["cube20_mini.gcode", "cube20.stl", "cube20_cura_creality_ender3.gcode"])
def test_the_record_survives_json_exactly(name):
    facts = read(Source(OURS / name, name))

    assert from_json(json.loads(json.dumps(to_json(facts)))) == facts


def test_pictures_and_plates_survive_json_exactly(tmp_path):
    facts = replace(facts_of(tmp_path, sliced_3mf()), **OF_MODELS)

    again = from_json(json.loads(json.dumps(to_json(facts))))

    assert again == facts
    assert again.thumbnail
    assert set(to_json(facts)) == {field.name for field in fields(Metadata)}


def test_missing_fields_are_unknown():
    assert from_json({"kind": "stl"}) == Metadata(kind=Kind.STL)


def test_the_child_prints_the_facts(tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(sliced_3mf())

    assert from_json(asked(path)) == read(Source(path, "x"))


@pytest.mark.parametrize("content", [binary_stl(torus(60, 40)), brick_3mf()], ids=["stl", "3mf"])
def test_the_child_measures_and_draws_models_within_its_memory(tmp_path, content):
    path = tmp_path / "upload"
    path.write_bytes(content)

    facts = from_json(asked(path))

    assert facts == read(Source(path, "x"))
    assert facts.size_mm
    assert facts.thumbnail


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\xff\xd8\xff\xe0" + b"x" * 100, "JPEG"), (b"PK\x03\x04", "damaged")],
)
def test_the_child_says_why_there_are_no_facts(tmp_path, content, words):
    path = tmp_path / "upload"
    path.write_bytes(content)

    assert words in asked(path)["unreadable"]


def test_the_child_survives_a_file_that_is_not_there(tmp_path):
    assert "unreadable" in asked(tmp_path / "gone")


def test_what_postgresql_cannot_store_is_not_in_the_facts(tmp_path):
    settings = '{"printer_model": "Bad\\u0000 \\ud800name", "printer_settings_id": "' + "x" * 5000 + '"}'

    facts = facts_of(tmp_path, sliced_3mf({"Metadata/project_settings.config": settings}))

    assert facts.printer_models[0] == "Bad name"
    assert len(facts.printer_models[1]) == 160
    assert "\x00" not in json.dumps(to_json(facts), ensure_ascii=False)


def test_a_strange_text_is_cut_and_cleaned_in_gcode_too(tmp_path):
    text = BAMBU.replace("printer_model = Bambu Lab P1S", "printer_model = \x00\x1b[31mP\u202e1S" + "y" * 400)

    (name,) = facts_of(tmp_path, text).printer_models

    assert name.isprintable()
    assert len(name) <= 160
