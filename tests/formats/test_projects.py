"""Projects of slicers: their settings, objects and plates, and the picture they carry."""

import io
import json
import random

import pytest
from PIL import Image

from models3d.formats.metadata import FilamentUse, PlateSize
from models3d.formats.models import SLICE_FIRST
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
from tests.formats.samples import facts_of, picture

PRUSA = """; printer_model = MK4S
; printer_settings_id = Prusa MK4S HF0.4 nozzle
; nozzle_diameter = 0.4
; layer_height = 0.2
; first_layer_height = 50%
; filament_type = PLA;PETG
; filament_colour = #FF8000;#DB5182
; bed_shape = 0x0,250x0,250x210,0x210
; max_print_height = 220
; gcode_flavor = marlin2
"""
BAMBU = {
    "printer_model": "Bambu Lab P1S",
    "printer_settings_id": "Bambu Lab P1S 0.4 nozzle",
    "nozzle_diameter": ["0.4"],
    "printable_area": ["0x0", "256x0", "256x256", "0x256"],
    "printable_height": "250",
    "layer_height": "0.2",
    "initial_layer_print_height": "0.25",
    "filament_type": ["PLA", "PETG-CF"],
    "filament_colour": ["#FF6A13FF", "#FFFFFF"],
    "machine_start_gcode": "G28\n; layer_height = 9\n",
}
NOISE = random.Random(1).randbytes(5_000_000)  # noqa: S311 - the same each time
BRICK = object_xml(1, mesh_xml(cuboid(30, 20, 10)))
SLAB = object_xml(2, mesh_xml(cuboid(100, 50, 5)))


def items(*uses: tuple[int, str]) -> str:
    return uses_xml(*uses, tag="item")


def plate(number: int, copies: list[tuple[int, int]], name="") -> str:
    instances = "".join(
        f'<model_instance><metadata key="object_id" value="{one}"/>'
        f'<metadata key="instance_id" value="{copy}"/></model_instance>'
        for one, copy in copies
    )
    return (
        f'<plate><metadata key="plater_id" value="{number}"/><metadata key="plater_name" value="{name}"/>'
        f"{instances}</plate>"
    )


def bambu(model: str, plates="", objects="", others=None) -> bytes:
    return model_3mf(
        model,
        {
            "Metadata/project_settings.config": json.dumps(BAMBU),
            "Metadata/model_settings.config": f"<config>{objects}{plates}</config>",
        }
        | (others or {}),
    )


def test_a_prusaslicer_project_tells_what_it_is_made_for(tmp_path):
    head = '<metadata name="Application">PrusaSlicer-2.9.4</metadata>'
    model = model_xml(BRICK, items((1, "")), head)

    facts = facts_of(tmp_path, model_3mf(model, {"Metadata/Slic3r_PE.config": PRUSA}))

    assert (facts.slicer, facts.slicer_version) == ("PrusaSlicer", "2.9.4")
    assert facts.printer_models == ("MK4S", "Prusa MK4S HF0.4 nozzle")
    assert (facts.nozzle_mm, facts.layer_height_mm, facts.first_layer_height_mm) == ((0.4,), 0.2, 0.1)
    assert (facts.bed_mm, facts.flavor) == ((250, 210, 220), "marlin2")
    assert facts.filaments == (
        FilamentUse(0, material="PLA", color="#FF8000", used=False),
        FilamentUse(1, material="PETG", color="#DB5182", used=False),
    )
    assert facts.origins["bed_mm"] == "Metadata/Slic3r_PE.config: bed_shape"
    assert facts.origins["filaments"] == "Metadata/Slic3r_PE.config: filament_type"


def test_a_bambu_project_tells_what_it_is_made_for(tmp_path):
    head = (
        '<metadata name="Application">BambuStudio-02.04.00.70</metadata>'
        '<metadata name="Title">Bolts &amp;amp;amp; nuts</metadata><metadata name="Title">other</metadata>'
        '<metadata name="Designer">Ann</metadata>'
        '<metadata name="Description">&amp;lt;p&amp;gt;Strong &lt; heavy&amp;lt;/p&amp;gt;</metadata>'
    )

    facts = facts_of(tmp_path, bambu(model_xml(BRICK, items((1, "")), head)))

    assert (facts.slicer, facts.slicer_version) == ("Bambu Studio", "02.04.00.70")
    assert (facts.title, facts.designer, facts.description) == ("Bolts & nuts", "Ann", "Strong < heavy")
    assert facts.printer_models == ("Bambu Lab P1S", "Bambu Lab P1S 0.4 nozzle")
    assert (facts.layer_height_mm, facts.first_layer_height_mm) == (0.2, 0.25)
    assert (facts.bed_mm, facts.abrasive) == ((256, 256, 250), True)
    assert [(use.material, use.color) for use in facts.filaments] == [
        ("PLA", "#FF6A13"),
        ("PETG-CF", "#FFFFFF"),
    ]
    assert facts.origins["bed_mm"] == "Metadata/project_settings.config: printable_area"


@pytest.mark.parametrize(
    ("application", "slicer"),
    [
        ("OrcaSlicer-2.3.1", ("OrcaSlicer", "2.3.1")),
        ("UltiMaker Cura 5.6.0", ("UltiMaker Cura", "5.6.0")),
        ("3D Builder", ("3D Builder", "")),
        ("", ("", "")),
    ],
)
def test_any_program_is_named(tmp_path, application, slicer):
    head = f'<metadata name="Application">{application}</metadata>'

    facts = facts_of(tmp_path, brick_3mf(head=head))

    assert (facts.slicer, facts.slicer_version) == slicer


def test_each_plate_has_its_own_size(tmp_path):
    placed = items((1, ""), (1, moved(300, 0, 0)), (2, moved(350, 0, 0)))
    plates = plate(1, [(1, 0)], "Bricks &amp;amp; more") + plate(2, [(1, 1), (2, 0)]) + plate(3, [])

    facts = facts_of(tmp_path, bambu(model_xml(BRICK + SLAB, placed), plates))

    assert facts.plate_sizes == (
        PlateSize(1, "Bricks & more", (30, 20, 10)),
        PlateSize(2, "", (150, 50, 10)),
        PlateSize(3, "", None),
    )
    assert facts.size_mm == (150, 50, 10)
    assert facts.origins["size_mm"] == "plate 2, the one that reaches farthest"
    assert facts.plates == ()
    assert not facts.is_printable


def test_of_plates_without_sound_lists_the_largest_object_counts(tmp_path):
    placed = items((1, ""), (1, moved(300, 0, 0)), (2, moved(350, 0, 0)))

    facts = facts_of(
        tmp_path, bambu(model_xml(BRICK + SLAB, placed), plate(1, [(1, 0)]) + plate(2, [(2, 0)]))
    )

    assert facts.plate_sizes == ()
    assert facts.size_mm == (100, 50, 5)
    assert facts.origins["size_mm"].startswith("the largest object")


@pytest.mark.parametrize(("far", "size"), [(220, (250, 20, 10)), (221, (30, 20, 10))])
def test_what_is_wider_than_the_bed_lies_on_several(tmp_path, far, size):
    model = model_xml(BRICK, items((1, ""), (1, moved(far, 0, 0))))

    facts = facts_of(tmp_path, model_3mf(model, {"Metadata/Slic3r_PE.config": PRUSA}))

    assert facts.size_mm == size


def test_objects_are_named_and_counted(tmp_path):
    names = '<object id="1"><metadata key="name" value="Left \x85hinge.stl"/></object>'
    slab = SLAB.replace("type=", 'name="Slab" type=')
    placed = items((1, ""), (2, ""), (1, moved(50, 0, 0)), (1, 'printable="0"'))

    facts = facts_of(tmp_path, bambu(model_xml(BRICK + slab, placed), objects=names))

    assert facts.objects == ("Left hinge.stl × 2", "Slab")


def test_at_most_fifty_objects_are_named(tmp_path):
    objects = "".join(object_xml(n, mesh_xml(cuboid(1, 1, 1)), f'name="part {n}"') for n in range(1, 80))

    facts = facts_of(tmp_path, model_3mf(model_xml(objects, items(*((n, "") for n in range(1, 80))))))

    assert len(facts.objects) == 50


@pytest.mark.parametrize("subtype", ["modifier_part", "negative_part", "support_blocker", "support_enforcer"])
def test_what_a_bambu_project_does_not_print_has_no_size(tmp_path, subtype):
    whole = object_xml(3, made_of((1, ""), (2, "")))
    parts = f'<object id="3"><part id="1" subtype="normal_part"/><part id="2" subtype="{subtype}"/></object>'

    facts = facts_of(tmp_path, bambu(model_xml(BRICK + SLAB + whole, items((3, ""))), objects=parts))

    assert (facts.size_mm, facts.triangles) == ((30, 20, 10), 12)


@pytest.mark.parametrize("key", ['key="volume_type" value="ParameterModifier"', 'key="modifier" value="1"'])
def test_what_a_prusaslicer_project_does_not_print_has_no_size(tmp_path, key):
    both = mesh_xml(cuboid(30, 20, 10)).replace("</vertices>", '<vertex x="900" y="0" z="0"/></vertices>')
    both = both.replace("</triangles>", '<triangle v1="0" v2="1" v3="8"/></triangles>')
    volumes = (
        '<config><object id="1"><metadata type="object" key="name" value="Brick"/>'
        '<volume firstid="0" lastid="11"><metadata key="volume_type" value="ModelPart"/></volume>'
        f'<volume firstid="12" lastid="12"><metadata type="volume" {key}/></volume></object></config>'
    )
    model = model_xml(object_xml(1, both), items((1, "")))

    facts = facts_of(tmp_path, model_3mf(model, {"Metadata/Slic3r_PE_model.config": volumes}))

    assert (facts.size_mm, facts.triangles, facts.objects) == ((30, 20, 10), 12, ("Brick",))


def test_colours_of_a_plain_model_are_told(tmp_path):
    materials = (
        '<basematerials id="9"><base name="Red" displaycolor="#FF0000FF"/><base name="x"/></basematerials>'
    )

    facts = facts_of(tmp_path, model_3mf(model_xml(materials + BRICK, items((1, "")))))

    assert facts.filaments == (FilamentUse(0, color="#FF0000", used=False),)


def _clear() -> bytes:
    written = io.BytesIO()
    Image.new("RGBA", (64, 64)).save(written, "PNG")
    return written.getvalue()


PLACES = [
    "Metadata/cover.png",
    "Metadata/thumbnail.png",
    "Metadata/plate_1.png",
    "Auxiliaries/.thumbnails/thumbnail_3mf.png",
]


@pytest.mark.parametrize("place", range(4))
def test_the_projects_own_picture_is_taken_from_the_best_place(tmp_path, place):
    pictures = {name: picture(size=(100 + at, 50)) for at, name in enumerate(PLACES) if at >= place}

    facts = facts_of(tmp_path, bambu(model_xml(BRICK, items((1, ""))), others=pictures))

    assert facts.thumbnail == picture(size=(100 + place, 50))
    assert facts.origins["thumbnail"] == PLACES[place]


@pytest.mark.parametrize("bad", [b"no picture", _clear(), b"\x89PNG" + NOISE, picture(size=(2000, 10))])
def test_a_model_with_a_useless_picture_is_drawn(tmp_path, bad):
    facts = facts_of(tmp_path, bambu(model_xml(BRICK, items((1, ""))), others={"Metadata/cover.png": bad}))

    assert facts.origins["thumbnail"] == "drawn from the mesh"
    assert facts.warnings == (SLICE_FIRST,)
    assert facts.thumbnail != bad
