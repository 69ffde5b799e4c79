"""The preview has the layers, kinds and places of what is printed, and never grows beyond its room."""

import math

import pytest

from models3d.formats import features, recording
from tests.formats.previews import START, Layer, layers_of, near, plate_of, preview_of
from tests.formats.samples import BAMBU, OURS, facts_of, other, sliced_3mf


@pytest.mark.parametrize(
    ("name", "count", "side"),
    [
        ("cube20_mk3s.gcode", 100, 19.55),
        ("cube20_mini.gcode", 100, 19.55),
        ("cube20_ender3v2.gcode", 100, 19.55),
        ("cube20_cura_creality_ender3.gcode", 198, 19.6),
    ],
)
def test_the_cube_of_every_slicer_is_drawn(tmp_path, name, count, side):
    drawn = layers_of(preview_of(tmp_path, OURS / name))

    walls = Layer(0, 0, [line for line in drawn[50].lines if line.kind == features.OUTER])
    low_x, low_y, high_x, high_y = walls.box
    assert len(drawn) == count
    assert drawn[-1].z_mm == pytest.approx(20, abs=0.05)
    assert (high_x - low_x, high_y - low_y) == (pytest.approx(side, abs=0.1), pytest.approx(side, abs=0.1))
    assert sum(line.length for line in walls.lines) == pytest.approx(4 * side, abs=0.5)
    assert {line.kind for line in drawn[0].lines} >= {features.OUTER, features.INNER, features.SOLID}


def test_the_filament_of_the_layers_is_that_of_the_print(tmp_path):
    drawn = layers_of(preview_of(tmp_path, OURS / "cube20_mk3s.gcode"))

    (use,) = facts_of(tmp_path, (OURS / "cube20_mk3s.gcode").read_bytes()).plates[0].filaments
    # The purge line is in the file's sum, but it is no part of the print.
    assert use.length_mm - 40 < sum(layer.filament_mm for layer in drawn) <= use.length_mm


def test_a_real_file_of_bambu_studio_is_drawn(tmp_path):
    drawn = layers_of(preview_of(tmp_path, other("bambu.gcode.3mf")))

    assert len(drawn) == 90
    assert drawn[-1].z_mm == 18
    assert features.OTHER not in {line.kind for layer in drawn for line in layer.lines}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("External perimeter", features.OUTER),
        ("Outer wall", features.OUTER),
        ("WALL-OUTER", features.OUTER),
        ("Perimeter", features.INNER),
        ("Internal perimeter", features.INNER),
        ("Inner wall", features.INNER),
        ("Overhang perimeter", features.BRIDGE),
        ("Internal bridge infill", features.BRIDGE),
        ("Internal infill", features.INFILL),
        ("Sparse infill", features.INFILL),
        ("FILL", features.INFILL),
        ("Top solid infill", features.SOLID),
        ("SKIN", features.SOLID),
        ("Bottom surface", features.SOLID),
        ("Gap infill", features.SOLID),
        ("Support material interface", features.SUPPORT),
        ("SUPPORT-INTERFACE", features.SUPPORT),
        ("Skirt/Brim", features.SKIRT),
        ("Wipe tower", features.TOWER),
        ("PRIME-TOWER", features.TOWER),
        ("Something new", features.OTHER),
        ("Innenwand \xe4", features.OTHER),
    ],
)
def test_the_names_of_all_slicers_mean_a_kind(tmp_path, name, kind):
    for mark in (";TYPE:", "; FEATURE: ", "; feature "):
        text = f"{START};LAYER_CHANGE\n{mark}{name}\nG1 X10 Y10 Z.2\nG1 X30 E1\n"

        ((line,),) = (layer.lines for layer in layers_of(preview_of(tmp_path, text.encode("latin-1"))))

        assert line.kind == kind


def test_a_line_goes_on_until_the_nozzle_travels_or_something_changes(tmp_path):
    text = (
        f"{START};LAYER_CHANGE\n;WIDTH:0.5\nG1 X10 Y10 Z.2\nG1 X30 E1\nG1 F900\nG1 Y30 E1\nG1 E-1\nG1 E1\n"
        "G1 X10 E1\n;WIDTH:0.7\nG1 Y10 E1\nG0 X50\nG1 X60 E1\n"
    )

    ((one, two, three),) = (layer.lines for layer in layers_of(preview_of(tmp_path, text)))

    assert near(one.points, [(10, 10), (30, 10), (30, 30), (10, 30)])
    assert near(two.points, [(10, 30), (10, 10)])
    assert near(three.points, [(50, 10), (60, 10)])
    assert [line.width_mm for line in (one, two, three)] == pytest.approx([0.5, 0.7, 0.7])


@pytest.mark.parametrize("arc", ["G2 X10 Y10 I10 J0 E9", "G3 X10 Y10 I10 J0 E9", "G2 I10 E9"])
def test_a_full_circle_is_drawn_round(tmp_path, arc):
    drawn = layers_of(preview_of(tmp_path, f"{START};LAYER_CHANGE\nG1 X10 Y10 Z.2\n{arc}\n"))

    (line,) = drawn[0].lines
    assert line.length == pytest.approx(20 * math.pi, rel=0.005)
    assert all(math.hypot(x - 20, y - 10) == pytest.approx(10, abs=0.02) for x, y in line.points)


def test_arcs_between_lines_keep_their_place_and_their_sense(tmp_path):
    text = (
        f"{START};LAYER_CHANGE\nG1 X0 Y0 Z.2\nG1 X10 E1\nG3 X20 Y10 I0 J10 E1\nG1 Y20 E1\nG2 X30 Y30 R10 E1\n"
    )

    ((line,),) = (layer.lines for layer in layers_of(preview_of(tmp_path, text)))

    assert line.points[0] == (0, 0)
    assert line.points[-1] == (30, 30)
    assert line.length == pytest.approx(10 + 5 * math.pi + 10 + 5 * math.pi, rel=0.005)
    assert line.points.index((20, 10)) < line.points.index((20, 20))
    assert min(math.hypot(x - 17.07, y - 2.93) for x, y in line.points) < 1.5


@pytest.mark.parametrize(
    "text",
    [
        "G28\nG90\nM82\n;LAYER:0\nG1 X10 Y10 Z.2\nG1 X30 E1\nG92 E0\nG1 Y40 E1\n",
        "G28\nG90\nM83\n;LAYER:0\nG1 X10 Y10 Z.2\nG1 X30 E1\nG1 Y40 E1\n",
        "G28\nG1 X10 Y10 Z.2\nG91\n;LAYER:0\nG1 X20 E1\nG1 Y30 E1\n",
        "G28\nG20\nM83\n;LAYER:0\nG1 X.393701 Y.393701 Z.00787402\nG1 X1.181102 E1\nG1 Y1.574803 E1\n",
    ],
    ids=["absolute E", "relative E", "relative", "inches"],
)
def test_the_ways_to_write_the_same_strokes_are_one(tmp_path, text):
    ((line,),) = (layer.lines for layer in layers_of(preview_of(tmp_path, text)))

    assert near(line.points, [(10, 10), (30, 10), (30, 40)])


def test_each_stroke_has_the_tool_that_makes_it(tmp_path):
    text = (
        f"{START};LAYER_CHANGE\nT0\nG1 X10 Y10 Z.2\nG1 X30 E1\n  T3 ; swap\nT1000\nT255\nT65535\nTx\n"
        "G1 X10 Y30\nG1 X30 E1\nN7 T1*5\nG1 X10 Y50\nG1 X30 E1\n"
    )

    preview = preview_of(tmp_path, text)

    assert [line.tool for line in layers_of(preview)[0].lines] == [0, 3, 1]
    assert plate_of(preview).tools == (0, 1, 3)


def test_what_is_no_part_of_the_print_is_not_drawn(tmp_path):
    text = (
        f"{START};TYPE:Custom\nG1 X0 Y0 Z.3\nG1 X200 E9\n;LAYER_CHANGE\n;TYPE:Perimeter\nG1 X10 Y10 Z.2\n"
        "G1 X30 E1\n; FLUSH_START\nG1 X99 E9\n; FLUSH_END\nG1 X10 Y10\nG1 Y30 E1\n;TYPE:Custom\nG1 X99 E1\n"
    )

    assert layers_of(preview_of(tmp_path, text))[0].box == (10, 10, 30, 30)


def test_a_file_without_marks_has_a_layer_for_each_height(tmp_path):
    rings = "".join(
        f"G1 Z{step * 0.2:.3f}\nG1 X10 Y10\nG1 X30 E1\nG1 Y30 E1\nG1 Z{step * 0.2 + 0.4:.3f}\nG0 X50 Y50\n"
        for step in range(1, 41)
    )

    drawn = layers_of(preview_of(tmp_path, START + rings))

    assert [layer.z_mm for layer in drawn] == pytest.approx([step * 0.2 for step in range(1, 41)])


def test_a_spiral_without_marks_is_cut_into_few_layers(tmp_path):
    turns = "".join(
        f"G1 X{50 + math.cos(step / 20):.3f} Y{50 + math.sin(step / 20):.3f} Z{step * 0.001:.3f} E.1\n"
        for step in range(10_000)
    )

    drawn = layers_of(preview_of(tmp_path, START + turns))

    assert 190 <= len(drawn) <= 201
    assert drawn[-1].z_mm == pytest.approx(9.999)


def test_the_first_mark_ends_what_only_looked_like_a_print(tmp_path):
    warming = "G1 X0 Y0 Z.3\n" + "G1 X200 E9\nG1 X0 Y1 E9\n" * 40_000

    drawn = layers_of(preview_of(tmp_path, f"{START}{warming};LAYER:0\nG1 X10 Y10 Z.2\nG1 X30 E1\n"))

    assert [layer.box for layer in drawn] == [(10, 10, 30, 10)]


@pytest.mark.parametrize(
    "line",
    ["G1 X1e308 Y9999999 E1", "G1 X90000 E1", "G1 Y-99999 E1", "G2 I9e4 J50000 E1", "G2 X30 Y10 R5 E1"]
    + ["G1 X" + "9" * 400 + " E1", "G1 XNAN YINF E1", "G1 X\xff E1", "G92 X99999\nG1 X-99999 E1"],
)
def test_impossible_numbers_do_not_blow_the_drawing_up(tmp_path, line):
    text = f"{START};LAYER:0\nG1 X10 Y10 Z.2\nG1 X30 E1\nG0 X30 Y10\n{line}\nG0 X10 Y10\nG1 Y30 E1\n"

    preview = preview_of(tmp_path, text.encode("latin-1"))

    assert layers_of(preview)[0].points[:2] == [(10, 10), (30, 10)]
    assert max(map(abs, plate_of(preview).box)) <= recording.FARTHEST_MM


def test_every_plate_of_a_project_is_drawn(tmp_path):
    second = BAMBU.replace("G1 X30 E1", "G1 X60 E1")

    preview = preview_of(tmp_path, sliced_3mf({"Metadata/plate_2.gcode": second}))

    assert layers_of(preview, 1)[0].box == (10, 10, 30, 10)
    assert layers_of(preview, 2)[0].box == (10, 10, 60, 10)


@pytest.mark.parametrize("name", ["cube20.stl", "cube20_model.3mf"])
def test_what_is_not_sliced_has_no_preview(tmp_path, name):
    assert preview_of(tmp_path, OURS / name).getvalue() == b""
