"""The fast reader of moves against the plain one, and against what no file should do to it."""

import io
import random
from pathlib import Path

import pytest

from models3d.formats.moves import MoveScan
from models3d.formats.streaming import Text
from tests.formats.reference import boxes
from tests.formats.samples import plain_gcode_files


def scan(data: bytes, *, nozzle=0.4, bed=None):
    moves = MoveScan()
    for block in Text(io.BytesIO(data)).blocks():
        moves.feed(block)
    return moves.finish(nozzle, bed)


def assert_same(box, expected):
    if expected.lo[0] > expected.hi[0]:
        assert box is None
    else:
        assert box.min == pytest.approx(expected.lo, abs=1e-3)
        assert box.max == pytest.approx(expected.hi, abs=1e-3)


@pytest.mark.parametrize("path", plain_gcode_files(), ids=lambda path: path.name)
def test_real_files_have_the_boxes_of_the_plain_reader(path: Path):
    data = path.read_bytes()

    reach = scan(data)

    part, motion = boxes(data.decode(errors="replace").splitlines())
    assert_same(reach.bare, part)
    assert_same(reach.motion, motion)
    assert not reach.estimated


def number(dice):
    value = round(dice.uniform(-20, 200), dice.choice((0, 1, 3, 5)))
    text = dice.choice(
        (f"{value}", f"{value:.3f}", f"{value:g}", f"{int(value)}", f"{int(value)}.", f"+{abs(value):.2f}")
    )
    return text.replace("0.", ".", 1) if text.startswith("0.") and dice.random() < 0.5 else text


def move(dice):
    command = dice.choice(("G0", "G1", "G1", "G1", "G01", "g1", "G2", "G3"))
    words = [axis + number(dice) for axis in "XYZ" if dice.random() < (0.7 if axis != "Z" else 0.1)]
    if command in {"G2", "G3"}:
        # By radius only with an end that differs, as the plain reader asks.
        words += (
            [f"I{number(dice)}", f"J{number(dice)}"]
            if dice.random() < 0.8
            else [f"X{dice.random():.6f}", "R30"]
        )
    if dice.random() < 0.6:
        words.append(f"E{dice.uniform(-1, 3):.4f}")
    if dice.random() < 0.3:
        words.append("F1800")
    dice.shuffle(words)
    line = dice.choice((" ", " ", " ", "", "  ")).join([command, *words])
    if dice.random() < 0.1:
        line = f"N{dice.randrange(999)} {line}*{dice.randrange(99)}"
    if dice.random() < 0.1:
        line = line.lower()
    if dice.random() < 0.1:
        line = dice.choice(("  ", "\t")) + line
    return line + dice.choice(("", "", "", " ; X999 Y999", ";E5", " "))


MARKS = (
    ";LAYER_CHANGE",
    "; CHANGE_LAYER",
    ";LAYER:0",
    "; EXECUTABLE_BLOCK_END",
    ";TYPE:Custom",
    ";TYPE:Skirt",
)
MARKS += (
    "; FEATURE: Custom",
    "; FEATURE: Outer wall",
    "; FLUSH_START",
    "; FLUSH_END",
    ";End of Gcode",
    "  ;layer:0",
)
MODES = (
    "G90",
    "G91",
    "M82",
    "M83",
    "G20",
    "G21",
    "G28",
    "G28 X",
    "G28 Z Y",
    "G92 E0",
    "G92",
    "G92 X10",
    "G92 Y1 E2",
)
MODES += ("G90", "G90", "M83", "M83", "G92 E0", "G92 F1", "g91", "M82 ;abs", "m083")
NOISE = (
    "",
    "M104 S200",
    "T0",
    "G1.5 X900",
    "G10 X900",
    "START_PRINT X=900",
    "G1 X{depth}",
    "G1 X 12 Y7",
    "GARBAGE X900",
)
NOISE += (
    "G1 X5Y6Z1E1",
    "G1 X1.2.3 Y4",
    "G1 X1 X22",
    "G1 Fast X3",
    "; G1 X900 Y900 E5",
    "G1 X-3-4",
    "(G1 X900)",
    "\r",
)
NOISE += (
    "G4 P900",
    "G1 X5,Y6",
    "G1 E.5",
    "G1 X--5",
    "G1 Y-",
    "G92 E",
    "G1 XNAN Y5",
    "G29.1 Z900",
    "M82.5",
    "G1 x1e2",
)


def random_gcode(seed: int, lines: int) -> str:
    dice = random.Random(seed)  # noqa: S311 - the same files each time
    written = ["G28", "G1 X1 Y1 Z1"]
    for _ in range(lines):
        kind = dice.random()
        if kind < 0.80:
            written.append(move(dice))
        else:
            written.append(dice.choice(MARKS if kind < 0.88 else MODES if kind < 0.94 else NOISE))
    return dice.choice(("\n", "\r\n")).join([*written, ";LAYER:0"])


@pytest.mark.parametrize("seed", range(150))
def test_random_gcode_has_the_boxes_of_the_plain_reader(seed: int):
    text = random_gcode(seed, lines=5 + seed * 3)

    reach = scan(text.encode())

    part, motion = boxes(text.splitlines())
    assert_same(reach.bare, part)
    assert_same(reach.motion, motion)


def test_state_is_carried_over_the_seams_of_blocks(monkeypatch):
    text = random_gcode(7, lines=3000)
    monkeypatch.setattr("models3d.formats.streaming.BLOCK_BYTES", 257)

    reach = scan(text.encode())

    part, motion = boxes(text.splitlines())
    assert_same(reach.bare, part)
    assert_same(reach.motion, motion)


SQUARE = b"G90\nM83\nG28\n;LAYER:0\nG0 X10 Y10 Z.2\nG1 X20 E1\nG1 Y30 E1\n"


IMPOSSIBLE = (b"G1 X1e308 Y1e308 E1", b"G1 X99999999999999999999 E1", b"G1 X2147480 E1", b"G92 X9999999999")
IMPOSSIBLE += (b"G1 Y-" + b"9" * 400 + b" E1", b"G2 I1e30 J9999999999 E1", b"G1 X-1000001 Y3 E1")
IMPOSSIBLE += (b"G5 X1 Y1 P99999999 Q1 E1", b"G1 XNAN Y5 E1", b"G1 X5 Y-inf E1", b"g1 xnan y300 e1")
IMPOSSIBLE += (b"G1 X300 Y1e308", b"G1 X1E308 Y1E308 E1", b"G1 X1.5E+308 E1", b" G1 X1e-5 E1", b"G92 X1e308")
IMPOSSIBLE += (b"G3 X300 Y300 INAN J5 E1", b"G5 X1 Y1 PNAN Q1 E1", b"G1 X300 ENAN")


@pytest.mark.parametrize("line", IMPOSSIBLE, ids=lambda line: line.decode()[:12])
def test_a_move_with_impossible_numbers_is_left_out_and_told(line: bytes):
    reach = scan(SQUARE + line + b"\nG1 X20 Y30 E1\n")

    assert (reach.bare.min, reach.bare.max) == ((10, 10, 0.2), (20, 30, 0.2))
    assert reach.warnings == ("1 move with impossible numbers was left out of the size.",)


def test_two_impossible_moves_are_told_as_two():
    reach = scan(SQUARE + b"G1 XNAN E1\nG1 X1e308 E1\n")

    assert reach.warnings == ("2 moves with impossible numbers were left out of the size.",)


@pytest.mark.parametrize(
    "line", [b"G1X50Y60E308", b"g1x50y60e308", b"G1X50Y60E3F100*12", b"G1 E1 Y60 X50 ;1e9"]
)
def test_lines_without_blanks_hold_no_exponents(line: bytes):
    reach = scan(SQUARE + line + b"\n")

    assert reach.bare.max == (50, 60, 0.2)
    assert reach.warnings == ()


def test_words_of_a_template_are_ignored():
    reach = scan(SQUARE + b"G1 X{machine_depth} E1\n\xff\xfe\x00G1 X900 E1\n")

    assert reach.bare.max == (20, 30, 0.2)


def test_half_of_the_stated_width_is_added_where_it_was_stated():
    reach = scan(b"M83\n;LAYER:0\n;WIDTH:1\nG0 X10 Y10 Z1\nG1 X20 E1\n;WIDTH:0.4\nG1 X30 E1\n")

    assert reach.printed.min == (9.5, 9.5, 1)
    assert reach.printed.max == (30.2, 10.5, 1)


def test_half_of_a_usual_line_is_added_where_no_width_is_stated():
    reach = scan(b"M83\n;LAYER:0\nG0 X10 Y10 Z1\nG1 X20 E1\n", nozzle=0.8)

    assert reach.printed.min == pytest.approx((9.55, 9.55, 1))


def test_a_raft_of_cura_is_in_the_box():
    reach = scan(b"M83\n;LAYER:-3\nG0 X5 Y5 Z.2\nG1 X50 E1\n;LAYER:0\nG0 X10 Y10\nG1 X20 E1\n")

    assert reach.bare.max == (50, 10, 0.2)


def test_without_marks_the_box_is_estimated_without_the_purge_line():
    text = (
        b"G28\nM83\nG1 X2 Y20 Z.3\nG1 Y180 E20\nG1 X2.5\nG1 Y20 E20\nG0 X100 Y100\nG1 X120 E1\nG1 Y130 E1\n"
    )

    reach = scan(text, bed=(220, 220))

    assert reach.estimated
    assert reach.bare.min == (100, 100, 0.3)
    assert reach.bare.max == (120, 130, 0.3)


def test_a_curve_stays_within_its_control_points():
    reach = scan(SQUARE + b"G5 I0 J10 P0 Q20 X60 Y30 E1\n")

    assert reach.bare.max == (60, 50, 0.2)


def test_an_endless_line_is_left_out_and_costs_no_memory():
    text = Text(io.BytesIO(SQUARE + b"X" * 5_000_000 + b"\nG1 X40 E1\n"))
    moves = MoveScan()

    longest = max(moves.feed(block) or len(block) for block in text.blocks())

    assert text.long_lines == 1
    assert longest < 2_000_000
    assert moves.finish(0.4, None).bare.max == (40, 30, 0.2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_other_encodings_are_read(encoding: str):
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""

    reach = scan(mark + SQUARE.decode().encode(encoding))

    assert reach.bare.max == (20, 30, 0.2)
