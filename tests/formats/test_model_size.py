"""3MF models: what is to be printed is measured, wherever it is put and whatever it is made of."""

import random

import numpy as np
import pytest

from models3d.formats import assembly
from models3d.formats.metadata import Kind, Source, UnreadableFile
from models3d.formats.models import SLICE_FIRST
from models3d.formats.project import CANNOT_CHECK, NOT_PRINTED, STRANGE_UNIT, TOO_MANY
from models3d.formats.readers import read
from tests.formats.meshes import (
    brick_3mf,
    cuboid,
    made_of,
    mesh_xml,
    model_3mf,
    model_xml,
    moved,
    object_xml,
    uses_xml,
)
from tests.formats.samples import OURS, facts_of, picture

BRICK = object_xml(1, mesh_xml(cuboid(30, 20, 10)))


def size_of(tmp_path, objects: str, items: str, others=None):
    return facts_of(tmp_path, model_3mf(model_xml(objects, items), others)).size_mm


def items(*uses: tuple[int, str]) -> str:
    return uses_xml(*uses, tag="item")


def test_a_model_tells_its_size_and_shows_itself():
    facts = read(Source(OURS / "cube20_model.3mf", "x"))

    assert (facts.kind, facts.size_mm, facts.triangles) == (Kind.PROJECT_3MF, (20, 20, 20), 12)
    assert (facts.slicer, facts.slicer_version) == ("PrusaSlicer", "2.5.0")
    assert (facts.title, facts.objects) == ("cube20_model", ("cube20.stl",))
    assert facts.thumbnail.startswith(b"\x89PNG")
    assert facts.origins["thumbnail"] == "drawn from the mesh"
    assert facts.warnings == (SLICE_FIRST,)
    assert not facts.is_printable


@pytest.mark.parametrize(("unit", "told"), [("parsec", "parsec"), ("", "none"), ("Inch", "Inch")])
def test_a_unit_that_does_not_exist_is_told_and_taken_as_mm(tmp_path, unit, told):
    facts = facts_of(tmp_path, brick_3mf(f'unit="{unit}"'))

    assert facts.warnings == (SLICE_FIRST, STRANGE_UNIT.format(told))
    assert facts.size_mm == pytest.approx((30, 20, 10))


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("", 1), ("micron", 0.001), ("millimeter", 1), ("centimeter", 10), ("inch", 25.4), ("foot", 304.8),
     ("meter", 1000)],
)  # fmt: skip
def test_units_count(tmp_path, unit, scale):
    facts = facts_of(tmp_path, brick_3mf(f'unit="{unit}"' if unit else ""))

    assert facts.size_mm == pytest.approx((30 * scale, 20 * scale, 10 * scale))


@pytest.mark.parametrize(
    ("transform", "size"),
    [
        ("1 0 0 0 1 0 0 0 1 500 600 700", (30, 20, 10)),
        ("0 1 0 -1 0 0 0 0 1 0 0 0", (20, 30, 10)),
        ("2 0 0 0 3 0 0 0 -4 0 0 0", (60, 60, 40)),
        (".8 .6 0 -.6 .8 0 0 0 1 0 0 0", (36, 34, 10)),
    ],
)
def test_an_item_is_measured_as_it_lies(tmp_path, transform, size):
    facts = facts_of(tmp_path, brick_3mf(item=f'transform="{transform}"'))

    assert facts.size_mm == pytest.approx(size, abs=1e-3)


def test_only_what_is_placed_and_printed_counts(tmp_path):
    objects = BRICK + object_xml(2, mesh_xml(cuboid(500, 500, 500)))
    away = moved(900, 0, 0)

    size = size_of(tmp_path, objects, items((1, ""), (1, f'printable="0" {away}')))

    assert size == (30, 20, 10)


def test_a_corner_that_no_triangle_has_is_no_part_of_the_model(tmp_path):
    body = mesh_xml(cuboid(30, 20, 10)).replace("</vertices>", '<vertex x="9999" y="0" z="0"/></vertices>')

    assert facts_of(tmp_path, brick_3mf(body=body)).size_mm == (30, 20, 10)


def test_components_are_turned_first_and_moved_then(tmp_path):
    turn = 'transform="0 1 0 -1 0 0 0 0 1 0 0 0"'
    objects = BRICK + object_xml(2, made_of((1, ""), (1, moved(100, 0, 0))))

    size = size_of(tmp_path, objects, items((2, turn)))

    assert size == (20, 130, 10)


def test_prefixes_do_not_matter_and_other_parts_are_found(tmp_path):
    other = model_xml(BRICK, "").replace("<object", "<c:object").replace("</object", "</c:object")
    objects = object_xml(2, made_of((1, f'prod:path="/3D/Objects/a.model" {moved(0, 0, 5)}'), (3, "")))
    objects += object_xml(3, mesh_xml(cuboid(1, 1, 1)))
    other = other.replace("xmlns=", 'xmlns:c="x" xmlns=')

    size = size_of(tmp_path, objects, items((2, "")), {"3D/Objects/a.model": other})

    assert size == (30, 20, 15)


def test_a_random_assembly_is_as_large_as_its_points(tmp_path):
    chance = random.Random(7)  # noqa: S311 - the same each time
    objects, points = "", {}
    for number in range(1, 5):
        sides = [chance.uniform(1, 50) for _ in range(3)]
        objects += object_xml(number, mesh_xml(cuboid(*sides)))
        points[number] = cuboid(*sides).reshape(-1, 3)
    for number in range(5, 11):
        uses = []
        for _ in range(3):
            matrix = np.array([[chance.uniform(-1, 1) for _ in range(3)] for _ in range(4)]) * [
                [1],
                [1],
                [1],
                [40],
            ]
            uses.append((chance.randrange(1, number), matrix))
        written = [(used, f'transform="{" ".join(map(repr, m.ravel().tolist()))}"') for used, m in uses]
        objects += object_xml(number, made_of(*written))
        points[number] = np.concatenate([points[used] @ m[:3] + m[3] for used, m in uses])

    size = size_of(tmp_path, objects, items((10, "")))

    assert size == pytest.approx(np.ptp(points[10], axis=0), abs=2e-3)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"', "'"),
        lambda text: text.replace("<vertex ", "<vertex\n\t"),
        lambda text: text.replace("/>", " />"),
        lambda text: text.replace("/>", "></vertex>", 3).replace("></vertex>", "/>", 2),
        lambda text: text.replace("<vertices>", "<vertices><!-- <vertex x='9e9' /> -->"),
        lambda text: text.replace("<vertices>", '<vertices> <!-- " -->'),
        lambda text: text.replace('x="', 'p:note="a>b" x="'),
        lambda text: text.replace('<triangle v1="0"', '<triangle pid="2" v1="0"', 1),
        lambda text: text.replace('"/>', '" paint_color="4C"/>', 20).replace(' paint_color="4C"', "", 9),
        lambda text: text.replace('x="5.0"', 'x="&#53;.0"'),
        lambda text: text.replace("<resources>", "<!-- <vertices> --><resources>"),
        lambda text: text.replace(
            "<resources>", "<metadata name='x'><![CDATA[<vertices>]]></metadata><resources>"
        ),
        lambda text: text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"'),
        lambda text: text.replace('encoding="UTF-8"', "").encode("utf-16"),
    ],
)
@pytest.mark.parametrize("block", [64, 100_000])
def test_any_sound_xml_says_the_same(tmp_path, monkeypatch, change, block):
    monkeypatch.setattr("models3d.formats.modelxml.BLOCK_BYTES", block)
    body = mesh_xml(cuboid(30, 20, 10, at=(5, 6, 7)))
    text = change(model_xml(object_xml(1, body), items((1, ""))))

    facts = facts_of(tmp_path, model_3mf(text))

    assert (facts.size_mm, facts.triangles) == ((30, 20, 10), 12)


def test_what_repeats_without_bound_is_not_built(tmp_path):
    bomb = BRICK + "".join(
        object_xml(number, made_of((number - 1, ""), (number - 1, moved(1, 0, 0)))) for number in range(2, 31)
    )

    facts = facts_of(tmp_path, model_3mf(model_xml(bomb, items((30, "")))))

    assert (facts.size_mm, facts.triangles, facts.thumbnail) == (None, None, b"")
    assert TOO_MANY in facts.warnings


def test_nothing_but_empty_objects_repeated_is_not_walked_through(tmp_path):
    objects = BRICK + object_xml(2, made_of())
    objects += "".join(object_xml(n, made_of((n - 1, ""), (n - 1, ""))) for n in range(3, 33))

    facts = facts_of(tmp_path, model_3mf(model_xml(objects, items((1, ""), (32, "")))))

    assert TOO_MANY in facts.warnings


def test_many_copies_are_measured_exactly(tmp_path, monkeypatch):
    monkeypatch.setattr(assembly, "BATCH_TRIANGLES", 5)
    row = object_xml(2, made_of(*((1, moved(40 * n, 0, 0)) for n in range(30))))
    field = object_xml(3, made_of(*((2, moved(0, 30 * n, 0)) for n in range(30))))

    facts = facts_of(tmp_path, model_3mf(model_xml(BRICK + row + field, items((3, "")))))

    assert (facts.size_mm, facts.triangles) == ((1190, 890, 10), 10_800)
    assert facts.thumbnail


def test_an_extension_that_changes_the_shape_is_told(tmp_path):
    lattice = "http://schemas.microsoft.com/3dmanufacturing/beamlattice/2017/02"
    known = 'xmlns:p="http://schemas.microsoft.com/3dmanufacturing/production/2015/06"'

    facts = facts_of(tmp_path, brick_3mf(f'xmlns:b="{lattice}" {known} requiredextensions="p b"'))

    assert CANNOT_CHECK.format(lattice) in facts.warnings
    assert len(facts.warnings) == 2


def test_a_project_that_prints_nothing_says_so(tmp_path):
    facts = facts_of(tmp_path, brick_3mf(item='printable="0"'))

    assert facts.warnings == (SLICE_FIRST, NOT_PRINTED)
    assert facts.size_mm is None


LOOP = BRICK + object_xml(2, made_of((3, ""))) + object_xml(3, made_of((1, ""), (2, "")))
DEEP = BRICK + "".join(object_xml(number, made_of((number - 1, ""))) for number in range(2, 60))
LAUGHS = '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><model>&b;</model>'
HUGE = 'v1="1' + 40 * "0" + '"'
NOISE = random.Random(1).randbytes(5_000_000).hex()  # noqa: S311 - the same each time
OUTSIDE = '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><model>&x;</model>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (model_3mf(model_xml(LOOP, items((2, "")))), "made of each other"),
        (model_3mf(model_xml(BRICK + object_xml(2, made_of((2, ""))), items((2, "")))), "made of each other"),
        (model_3mf(model_xml(DEEP, items((59, "")))), "nested deeper"),
        (model_3mf(model_xml(BRICK, items((7, "")))), "places an object that is not in it"),
        (model_3mf(model_xml(BRICK, items((1, 'p:path="/3D/b.model"')), "", 'xmlns:p="x"')), "no 3D/b.model"),
        (model_3mf(model_xml(BRICK, items((1, 'p:path="../../etc/passwd"')), "", 'xmlns:p="x"')), "has no"),
        (brick_3mf(item='transform="nan 0 0 0 1 0 0 0 1 0 0 0"'), "numbers that are none"),
        (brick_3mf(item='transform="1 0 0"'), "numbers that are none"),
        (brick_3mf(item='transform="1e300 0 0 0 1 0 0 0 1 0 0 0"'), "kilometres away"),
        (brick_3mf(item='transform="1e308 1e308 1e308 1e308 1 0 0 0 1 1e308 0 0"'), "kilometres away"),
        (brick_3mf(body=mesh_xml(cuboid(1e308, 1, 1))), "kilometres away"),
        (brick_3mf(body=mesh_xml(cuboid(1, 1, 1)).replace("1.0", "nan")), "not numbers"),
        (brick_3mf(body=mesh_xml(cuboid(1, 1, 1)).replace("1.0", "one")), "numbers that are none"),
        (brick_3mf(body=mesh_xml(cuboid(1, 1, 1)).replace('y="1.0"', "")), "numbers that are none"),
        (brick_3mf(body=mesh_xml(cuboid(1, 1, 1)).replace('v1="4"', 'v1="-7"')), "numbers that are none"),
        (brick_3mf(body=mesh_xml(cuboid(1, 1, 1)).replace('v1="4"', 'v1="8"')), "whose corner is missing"),
        (brick_3mf(body=mesh_xml(cuboid(1, 1, 1)).replace('v1="4"', HUGE)), "numbers that are none"),
        (brick_3mf(body=mesh_xml(cuboid(1, 1, 1)[:0])), "not one triangle"),
        (brick_3mf(body=""), "not one triangle"),
        (model_3mf(""), "not sound XML"),
        (model_3mf(brick_3mf()), "not sound XML"),
        (model_3mf(model_xml(BRICK, items((1, "")))[:-200]), "not sound XML"),
        (model_3mf("<a>" * 100_000), "nested deeper"),
        (model_3mf(LAUGHS), "not sound XML"),
        (model_3mf(OUTSIDE), "not sound XML"),
        (model_3mf("<model a='" + "x" * 9_000_000 + "'/>"), "far more|larger than any slicer"),
        (model_3mf(f"<model><!-- {NOISE} --></model>"), "larger than any"),
        (model_3mf(BRICK, {f"x{number}": "" for number in range(10_000)}), "too many members"),
        (model_3mf(BRICK, {"../../etc/cron.d/x": ""}), "leads outside"),
    ],
)  # fmt: skip
def test_a_harmful_or_damaged_model_is_refused(tmp_path, content, words):
    with pytest.raises(UnreadableFile, match=words):
        facts_of(tmp_path, content)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_project_never_breaks_the_reader(tmp_path, seed):
    text = bytearray(model_xml(BRICK + object_xml(2, made_of((1, moved(1, 2, 3)))), items((2, ""))).encode())
    for step in range(1 + seed % 4):
        text[(seed * 7919 + step * 104_729) % len(text)] ^= 1 << (seed % 7)

    try:
        said = " ".join(
            facts_of(tmp_path, model_3mf(bytes(text), {"Metadata/cover.png": picture()})).warnings
        )
    except UnreadableFile as refusal:
        said = str(refusal)

    assert said.endswith(".")
