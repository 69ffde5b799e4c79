"""One label: the code, crisp on 203 dpi label printers, and what people read beside it."""

from dataclasses import dataclass

import segno
from PIL import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ui.lettering import BOLD, REGULAR, printable, shortened, width_of

# Points in a dot of the usual label printers.
DOT = 72 / 203
QUIET = 4
HAIR = 0.004
# Any mask may be read; to find the best of the eight takes eight times as long.
MASK = 0
SMALLEST_PT, LARGEST_PT = 5.0, 14.0
LEADING = 1.22
BLACK = HexColor("#000000")


@dataclass(frozen=True, slots=True)
class Face:
    """What stands on a label: `number` large, `url` in the QR code, `color` as a dot before the `title`.

    The `lines` follow in the order of their weight: the last ones are left out where there is no room. `code`
    is for typing, so it is there as a whole or not at all.
    """

    number: str
    url: str
    title: str
    color: str
    lines: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page in points, from its left and upper edges; y counts upwards, as in PDF."""

    left: float
    top: float
    width: float
    height: float


def draw(canvas: Canvas, face: Face, box: Box) -> None:
    """Draw within `box`. Nothing leaves it: text is shortened, then left out."""
    # A tall label has its text below the code.
    is_tall = box.height > box.width
    room = min(box.height, box.width) if not is_tall else min(box.width, box.height * 0.6)
    side = _code(canvas, face.url, box, room if is_tall else min(room, box.width * 0.5))
    pad = min(1.5 * mm, box.height * 0.06)
    if is_tall:
        text = Box(box.left + pad, box.top - side, box.width - 2 * pad, box.height - side - pad)
    else:
        text = Box(box.left + side, box.top - pad, box.width - side - pad, box.height - 2 * pad)
    _text(canvas, face, text)


def _code(canvas: Canvas, url: str, box: Box, room: float) -> float:
    """The QR code in the upper left corner, its modules whole dots, with its quiet zone; returns its side.

    Level M where that leaves three dots (0.38 mm) to a module, so that it bears scratches, else L.
    """
    code, scale = _made(url, "m", room)
    if scale < 3:
        code, scale = _made(url, "l", room)
    side = code.symbol_size(border=QUIET)[0] * max(1, scale) * DOT
    # One bit for each module: a picture is drawn without seams, whatever the viewer's zoom.
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(border=QUIET)]
    pixels = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows)).convert("1")
    down = 0.0 if box.height > box.width else int((box.height - side) / 2 / DOT) * DOT
    # A hair smaller than its dots, or renderers that round outwards stretch it by one.
    canvas.drawImage(
        ImageReader(pixels), box.left + HAIR, box.top - down - side + HAIR, side - 2 * HAIR, side - 2 * HAIR
    )
    return side


def _made(url: str, level: str, room: float) -> tuple[segno.QRCode, int]:
    """The code and how many dots each of its modules may have."""
    code = segno.make_qr(url, error=level, boost_error=False, mask=MASK)
    return code, int(int(room / DOT) // code.symbol_size(border=QUIET)[0])


def _text(canvas: Canvas, face: Face, box: Box) -> None:
    big = min(box.height * 0.34, 30.0)
    number = printable(face.number)
    while big > SMALLEST_PT and width_of(number, BOLD, big) > box.width:
        big *= 0.95
    lines = [line for line in map(printable, (face.title, *face.lines)) if line]
    code = printable(face.code)
    if code and width_of(code, REGULAR, SMALLEST_PT) <= box.width:
        lines.insert(len(face.lines), code)
    room = box.height - big
    fitting = lines[: max(0, int(room / (SMALLEST_PT * LEADING)))]
    size = min(LARGEST_PT, room / (len(fitting) * LEADING)) if fitting else 0
    y = box.top - big * 0.86
    canvas.setFillColor(BLACK)
    canvas.setFont(BOLD, big)
    canvas.drawString(box.left, y, shortened(number, BOLD, big, box.width))
    for place, line in enumerate(fitting):
        y -= size * LEADING
        indent = _swatch(canvas, face.color, box.left, y, size) if place == 0 else 0
        name = BOLD if place == 0 else REGULAR
        whole = min(1, box.width / width_of(line, name, size)) if line == code else 1
        canvas.setFillColor(BLACK)
        canvas.setFont(name, size * whole)
        room_left = box.width - indent + 0.01
        canvas.drawString(box.left + indent, y, shortened(line, name, size * whole, room_left))


def _swatch(canvas: Canvas, color: str, left: float, base: float, size: float) -> float:
    """A dot in the filament's colour, outlined so that white is seen too; returns what it takes."""
    radius = size * 0.4
    canvas.setLineWidth(max(2 * DOT, size * 0.08))
    canvas.setStrokeColor(BLACK)
    canvas.setFillColor(HexColor(color))
    canvas.circle(left + radius + DOT, base + size * 0.34, radius, stroke=1, fill=1)
    return radius * 2 + size * 0.35
