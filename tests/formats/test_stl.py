"""STL in all its spellings: its size is exact, and what is wrong with one is told in words."""

import struct
import tracemalloc

import numpy as np
import pytest

from models3d.formats import stl
from models3d.formats.metadata import Kind, Source, UnreadableFile
from models3d.formats.models import SLICE_FIRST
from models3d.formats.readers import read
from tests.formats.meshes import binary_stl, cuboid, text_stl, torus
from tests.formats.samples import OURS, facts_of

BRICK = cuboid(30, 20.5, 10.25, at=(-5, 100, 7))


def test_a_model_tells_its_size_triangles_and_look():
    facts = read(Source(OURS / "cube20.stl", "cube20.stl"))

    assert (facts.kind, facts.size_mm, facts.triangles) == (Kind.STL, (20, 20, 20), 12)
    assert facts.thumbnail.startswith(b"\x89PNG")
    assert facts.warnings == (SLICE_FIRST,)
    assert not facts.is_printable
    assert facts.origins["size_mm"] == "facets of the binary STL, taken as mm"


@pytest.mark.parametrize(
    "content",
    [
        binary_stl(BRICK),
        binary_stl(BRICK, head=b"solid by a careless program"),
        binary_stl(BRICK, head=b"solid facet normal 0 0 1"),
        binary_stl(BRICK) + b"something behind",
        text_stl(BRICK),
        text_stl(BRICK, newline="\r\n"),
        text_stl(BRICK, newline="\r"),
        text_stl(BRICK).upper(),
        text_stl(BRICK).replace(b"endsolid part\n", b""),
        text_stl(BRICK, name=""),
        b"\n  " + text_stl(BRICK),
    ],
    ids=[
        "binary",
        "solid",
        "facet",
        "tail",
        "text",
        "crlf",
        "cr",
        "upper",
        "no end",
        "unnamed",
        "blank first",
    ],
)
def test_the_size_is_the_same_however_it_is_written(tmp_path, content):
    facts = facts_of(tmp_path, content)

    assert (facts.size_mm, facts.triangles) == ((30, 20.5, 10.25), 12)


def test_a_text_names_its_solids(tmp_path):
    content = text_stl(BRICK, name="Left hinge") + text_stl(cuboid(1, 1, 1), name="Pin \x07")

    facts = facts_of(tmp_path, content)

    assert facts.objects == ("Left hinge", "Pin")
    assert facts.triangles == 24


def test_a_text_is_read_in_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(stl, "BLOCK_BYTES", 100)

    facts = facts_of(tmp_path, text_stl(BRICK))

    assert (facts.size_mm, facts.triangles) == ((30, 20.5, 10.25), 12)


def test_a_binary_is_read_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(stl, "BATCH_FACETS", 5)

    facts = facts_of(tmp_path, binary_stl(BRICK))

    assert (facts.size_mm, facts.triangles) == ((30, 20.5, 10.25), 12)


def test_normals_and_colours_do_not_matter(tmp_path):
    content = bytearray(binary_stl(BRICK))
    for facet in range(12):
        struct.pack_into("<3f", content, 84 + 50 * facet, np.nan, np.inf, 7)
        struct.pack_into("<H", content, 84 + 50 * facet + 48, 0xFFFF)

    assert facts_of(tmp_path, bytes(content)).size_mm == (30, 20.5, 10.25)


def _with_corner(value: float) -> np.ndarray:
    triangles = torus(8, 8)
    triangles[3, 1, 2] = value
    return triangles


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, 2e6])
@pytest.mark.parametrize("write", [binary_stl, text_stl])
def test_a_corner_that_is_nowhere_is_refused(tmp_path, write, value):
    with pytest.raises(UnreadableFile, match="not numbers, or that lie kilometres away"):
        facts_of(tmp_path, write(_with_corner(value)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (binary_stl(BRICK)[:-1], "The end of this STL file is missing"),
        (binary_stl(BRICK)[:300], "The end of this STL file is missing"),
        (binary_stl(BRICK, head=b"solid x", count=4_000_000_000), "The end of this STL file is missing"),
        (binary_stl(BRICK[:0]), "not one triangle"),
        (text_stl(BRICK)[:400], "The end of this STL file is missing"),
        (text_stl(BRICK)[:-60], "The end of this STL file is missing"),
        (text_stl(BRICK[:0]), "not one triangle"),
        (text_stl(BRICK).replace(b"vertex 25", b"vertex 1e308"), "lie kilometres away"),
        (text_stl(BRICK).replace(b"vertex 25", b"vertex 2,5"), "a corner of a triangle is not a number"),
        (b"solid facet\n" + b"x" * 9_000_000, "a line longer than any program writes"),
        (b"solid \nfacet vertex\nendsolid", "not one triangle"),
    ],
)
def test_a_damaged_model_is_refused_in_words(tmp_path, content, words):
    with pytest.raises(UnreadableFile, match=words):
        facts_of(tmp_path, content)


@pytest.mark.parametrize(("side", "doubted"), [(0.8, True), (2, False), (1000, False), (1001, True)])
def test_a_size_of_other_units_is_doubted(tmp_path, side, doubted):
    facts = facts_of(tmp_path, binary_stl(cuboid(side, side / 2, side / 3)))

    assert facts.size_mm[0] == side
    assert any("Check its scale" in warning for warning in facts.warnings) == doubted


def test_a_large_file_is_never_held_in_memory(tmp_path):
    some = binary_stl(torus(100, 100))[84:]
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.write(binary_stl(torus(100, 100)[:0], count=20_000 * 150))
        for _ in range(150):
            file.write(some)
    tracemalloc.start()

    try:
        facts = read(Source(path, "x"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (facts.triangles, facts.size_mm) == (3_000_000, (80, 80, 20))
    assert peak < 120_000_000 < path.stat().st_size


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_model_never_breaks_the_reader(tmp_path, seed):
    content = bytearray((text_stl if seed % 2 else binary_stl)(BRICK))
    for step in range(1 + seed % 7):
        content[(seed * 7919 + step * 104_729) % len(content)] ^= 1 << (seed % 8)

    try:
        said = " ".join(facts_of(tmp_path, bytes(content)).warnings)
    except UnreadableFile as refusal:
        said = str(refusal)

    assert said.endswith(".")
