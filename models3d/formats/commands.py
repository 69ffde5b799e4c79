"""Understands one line of G-code exactly: the marks, modes and unusual moves that blocks leave over."""

import math
import re
from dataclasses import dataclass

from models3d.formats.features import MOST_TOOLS, kind_of
from models3d.formats.tokens import WORDS

WORD = re.compile(rb"([A-Z])\s*([-+]?(?:\d+\.?\d*|\.\d+))")
# A coordinate that is no number, or one like 1e308; compact G-code writes X1E308 for X1 and E308.
NO_NUMBER = re.compile(rb"[XYZEIJRPQ][ \t]*[-+]?(?:NAN|INF)", re.IGNORECASE)
EXPONENT = re.compile(rb"[XYZEIJRPQ][ \t]*[-+]?[\d.]*\d(?:e[-+]?\d|E\+\d)")
TWO_E = re.compile(rb"\dE[-+]?\d.*E[ \t]*[-+.\d]")
CODE = re.compile(rb"\s*(?:N\d+\s*)?([GM])0*(\d+)(\.\d+)?")

BODY_ON = re.compile(
    rb";LAYER_CHANGE|; CHANGE_LAYER|;LAYER:-?\d|; MACHINE_START_GCODE_END|; LAYER \d+,|; BEGIN_LAYER"
)
LAYER = re.compile(rb";LAYER_CHANGE|; CHANGE_LAYER|;LAYER:-?\d|; LAYER \d+,|; BEGIN_LAYER")
BODY = re.compile(BODY_ON.pattern + rb"|; EXECUTABLE_BLOCK_END|;END OF GCODE")
SECTION = (b";TYPE:", b"; FEATURE:")
# Simplify3D leaves the colon out.
FEATURE = re.compile(rb";TYPE:(.{0,60})|; FEATURE:? (.{0,60})")
# T1000, T255 and T65535 are signs to the printers of Bambu Lab, not tools.
TOOL = re.compile(rb"\s*(?:N\d+\s*)?T0*(\d{1,9})(?![\w.])")
NO_PRINT = (b";TYPE:CUSTOM", b"; FEATURE: CUSTOM")
WIDTH = re.compile(rb"; ?(?:LINE_)?WIDTH: ?(\d*\.?\d+)")
NOT_0 = rb"[-+]?0*\.?0*[1-9]"
AXIS, SHIFTED = re.compile(rb"[XY]"), re.compile(rb"[XY][ \t]*" + NOT_0)
KLIPPER_SHIFT = re.compile(rb"(?:N\d+\s*)?SET_GCODE_OFFSET\b.*[ \t][XY](?:_ADJUST)?[ \t]*=[ \t]*" + NOT_0)
SET_ORIGIN, SET_HERE = re.compile(rb"L[ \t]*2(?!\d)"), re.compile(rb"L[ \t]*20(?!\d)")
OTHER_ORIGINS = {"M428", "G55", "G56", "G57", "G58", "G59", "G59.1", "G59.2", "G59.3"}
WIDEST_LINE_MM = 10.0
INCH_MM = 25.4


@dataclass(frozen=True, slots=True)
class Mark:
    """What a comment says of the lines that follow; None where it says nothing."""

    body: bool | None = None
    skip: bool | None = None
    flush: bool | None = None
    width_mm: float | None = None
    layer: bool = False
    kind: int | None = None


@dataclass(frozen=True, slots=True)
class Mode:
    """A change of how numbers are meant; `shifts` says that the printer adds an offset we can't follow."""

    absolute: bool | None = None
    absolute_e: bool | None = None
    unit_mm: float | None = None
    plane_xy: bool | None = None
    tool: int | None = None
    shifts: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """G0 to G3 with the words it names, in the file's unit."""

    number: int
    words: dict[str, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """G5, a Bezier curve; its control points hold all of it."""

    words: dict[str, float]


@dataclass(frozen=True, slots=True)
class SetPosition:
    """G92: the axes named now read so; none named means all are 0."""

    words: dict[str, float]


@dataclass(frozen=True, slots=True)
class Home:
    """G28: the axes whose position is unknown until they are named again."""

    axes: tuple[int, ...]


Meaning = Mark | Mode | Move | Curve | SetPosition | Home | None


def understand(raw: bytes) -> Meaning:
    """The meaning of one line without its newline; None if it moves nothing and marks nothing."""
    stripped = raw.strip()
    line = stripped.upper()
    if line.startswith(b";"):
        return _mark(line)
    code = line.split(b";", 1)[0].split(b"*", 1)[0]
    match = CODE.match(code)
    if match is None:
        return Mode(shifts=True) if KLIPPER_SHIFT.match(code) else _tool(code)
    name = (match[1] + match[2] + (match[3] or b"")).decode()
    return _command(name, code[match.end() :], stripped[match.end() : len(code)])


def _mark(line: bytes) -> Mark | None:
    width = WIDTH.match(line)
    width_mm = float(width[1]) if width else None
    if width_mm is not None and not 0 < width_mm <= WIDEST_LINE_MM:
        width_mm = None
    flush = line.startswith(b"; FLUSH_START") if line.startswith(b"; FLUSH_") else None
    body = BODY_ON.match(line) is not None if BODY.match(line) else None
    skip = line.startswith(NO_PRINT) if line.startswith(SECTION) else None
    feature = FEATURE.match(line)
    kind = kind_of(feature[1] or feature[2] or b"") if feature else None
    mark = Mark(body, skip, flush, width_mm, LAYER.match(line) is not None, kind)
    return None if mark == Mark() else mark


def _tool(code: bytes) -> Mode | None:
    match = TOOL.match(code)
    return Mode(tool=int(match[1])) if match and int(match[1]) < MOST_TOOLS else None


MODES = {
    "G20": Mode(unit_mm=INCH_MM),
    "G21": Mode(unit_mm=1.0),
    "G90": Mode(absolute=True),
    "G91": Mode(absolute=False),
    "M82": Mode(absolute_e=True),
    "M83": Mode(absolute_e=False),
    "G17": Mode(plane_xy=True),
    "G18": Mode(plane_xy=False),
    "G19": Mode(plane_xy=False),
}


def _shifts(name: str, rest: bytes) -> bool:
    """Whether a command puts all that follows elsewhere on the bed; Z alone is fine adjustment."""
    if name in {"M206", "G52"}:
        return SHIFTED.search(rest) is not None
    if name == "G10":
        # L20 says where the tool is now, so even 0 shifts.
        moves = SHIFTED if SET_ORIGIN.search(rest) else AXIS if SET_HERE.search(rest) else None
        return moves is not None and moves.search(rest) is not None
    return name in OTHER_ORIGINS


def _command(name: str, rest: bytes, written: bytes) -> Meaning:
    """What it does by the words of `rest`, which is `written` in capitals."""
    if name in MODES:
        return MODES[name]
    if name == "G28":
        named = tuple(place for place, axis in enumerate(b"XYZ") if axis in rest)
        return Home(named or (0, 1, 2))
    if _shifts(name, rest):
        return Mode(shifts=True)
    if name not in {"G0", "G1", "G2", "G3", "G5", "G92"}:
        return None
    words = {word.decode(): float(number) for word, number in WORD.findall(rest)}
    if NO_NUMBER.search(written) or EXPONENT.search(written) or TWO_E.search(written):
        words = {"X": math.inf}
    if name == "G92":
        return SetPosition(words)
    if name == "G5":
        return Curve(words)
    return Move(int(name[1]), words)


def row(words: dict[str, float]) -> list[float]:
    """The words in the order of `tokens.WORDS`, NaN where not given."""
    return [words.get(word, math.nan) for word in WORDS]
