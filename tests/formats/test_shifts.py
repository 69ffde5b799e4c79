"""Commands that let the printer put all elsewhere: a person is told, as nobody can follow them."""

import pytest

from models3d.formats.moves import SHIFTED
from tests.formats.test_moves import SQUARE, scan

SHIFTS = (
    b"SET_GCODE_OFFSET X=30",
    b"set_gcode_offset z=0.1 y_adjust=-.5 MOVE=1",
    b"M206 X-10",
    b"M206 X0 Y0.5",
)
SHIFTS += (b"M428", b"G10 L2 P1 X40", b"G10 P1 L20 X0 Y0", b"G55", b"g59.1", b"G52 Y12", b"N7 M206 X9*33")
SHIFTS += (b"  SET_GCODE_OFFSET Y = 4", b"M0206 X3")


@pytest.mark.parametrize("line", SHIFTS, ids=lambda line: line.decode().strip())
@pytest.mark.parametrize("place", [0, 1], ids=["before", "in the body"])
def test_a_command_that_shifts_the_print_is_told(line: bytes, place: int):
    reach = scan((line + b"\n" + SQUARE, SQUARE + line + b"\nG1 X12 E1\n")[place])

    assert reach.warnings == (SHIFTED,)


STAYS = (
    b"SET_GCODE_OFFSET X=0 Y=0.00",
    b"SET_GCODE_OFFSET Z=0.2 MOVE=1",
    b"M206 X0 Y0.0 Z1",
    b"M204 P800 X9",
)
STAYS += (
    b"G54",
    b"G10",
    b"G10 S1",
    b"G10 P0 X12 Y3",
    b"G10 L2 P1 Z4",
    b"G53",
    b"M4280",
    b"M2060 X7",
    b"M420 S1",
)
STAYS += (
    b"SET_GCODE_VARIABLE X=3",
    b"SET_VELOCITY_LIMIT X=4",
    b"; M206 X10",
    b"M206 ; X10",
    b"M2",
    b"S",
    b"SE",
)


@pytest.mark.parametrize("line", STAYS, ids=lambda line: line.decode())
def test_a_command_that_shifts_nothing_is_not(line: bytes):
    reach = scan(line + b"\n" + SQUARE + line)

    assert reach.warnings == ()
