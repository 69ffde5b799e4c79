"""Parts that people print, as outlines by height: enough to slice and to draw them."""

import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Outline = npt.NDArray[np.float64]
# At a height from 0 to 1: closed outlines within the unit square, material to the left of each edge,
# so bodies turn left and holes turn right.
Part = Callable[[float, str], list[Outline]]
CENTRE = (0.5, 0.5)


def circle(x: float, y: float, radius: float, points: int = 40, *, hole: bool = False) -> Outline:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    outline = np.column_stack((x + radius * np.cos(angle), y + radius * np.sin(angle)))
    return outline[::-1] if hole else outline


def rectangle(x0: float, y0: float, x1: float, y1: float, *, hole: bool = False) -> Outline:
    outline = np.array(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    return outline[::-1] if hole else outline


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float, *, hole: bool = False) -> Outline:
    right, left, low, high = x1 - radius, x0 + radius, y0 + radius, y1 - radius
    corners = ((right, low, -90), (right, high, 0), (left, high, 90), (left, low, 180))
    arcs = []
    for x, y, start in corners:
        angle = np.radians(np.linspace(start, start + 90, 7))
        arcs.append(np.column_stack((x + radius * np.cos(angle), y + radius * np.sin(angle))))
    outline = np.concatenate(arcs)
    return outline[::-1] if hole else outline


def box(height: float, title: str) -> list[Outline]:
    """A tray with a floor and two compartments."""
    body = [rounded(0, 0, 1, 1, 0.1)]
    if height > 0.1:
        body.append(rounded(0.05, 0.05, 0.47, 0.95, 0.07, hole=True))
        body.append(rounded(0.52, 0.05, 0.95, 0.95, 0.07, hole=True))
    return body


def vase(height: float, title: str) -> list[Outline]:
    """A twisted vase with eight lobes."""
    radius = 0.33 + 0.13 * np.sin(0.6 + height * 4.4)
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    wave = radius * (1 + 0.07 * np.cos(8 * (angle - 0.9 * height)))
    outer = np.column_stack((0.5 + wave * np.cos(angle), 0.5 + wave * np.sin(angle)))
    return [outer] if height < 0.04 else [outer, (0.5 + (outer - 0.5) * 0.88)[::-1]]


def gear(height: float, title: str) -> list[Outline]:
    """A spur gear of 18 teeth with a hub on it."""
    if height > 0.6:
        return [circle(0.5, 0.5, 0.2), circle(0.5, 0.5, 0.09, hole=True)]
    turns = np.arange(18)[:, np.newaxis] * (2 * np.pi / 18)
    angle = (turns + np.array((-0.125, -0.06, 0.06, 0.125, 0.175))).ravel()
    radius = np.tile((0.42, 0.5, 0.5, 0.42, 0.42), 18)
    teeth = np.column_stack((0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)))
    spokes = [
        circle(0.5 + 0.29 * np.cos(turn), 0.5 + 0.29 * np.sin(turn), 0.08, 20, hole=True)
        for turn in np.arange(6) * np.pi / 3
    ]
    return [teeth, circle(0.5, 0.5, 0.09, hole=True), *spokes]


def bracket(height: float, title: str) -> list[Outline]:
    """An angle bracket with screw holes and two ribs."""
    if height < 0.14:
        holes = [circle(x, 0.3, 0.07, 24, hole=True) for x in (0.28, 0.72)]
        return [rounded(0, 0, 1, 1, 0.06), *holes]
    reach = 0.86 - 0.8 * (1 - height)
    plate = np.array(
        (
            (0, 0.86),
            (0.0, reach),
            (0.08, reach),
            (0.08, 0.86),
            (0.92, 0.86),
            (0.92, reach),
            (1, reach),
            (1, 1),
            (0, 1),
        )
    )
    return [plate]


def stand(height: float, title: str) -> list[Outline]:
    """A phone stand: a foot, a lip and a leaning back."""
    parts = []
    back = 0.35 + 0.5 * height
    if height < 0.12:
        return [rounded(0, 0, 1, 1, 0.08)]
    if height < 0.3:
        parts.append(rectangle(0.08, 0.06, 0.92, 0.16))
    if height < 0.75:
        parts.append(rectangle(0.1, back, 0.38, back + 0.15))
        parts.append(rectangle(0.62, back, 0.9, back + 0.15))
    else:
        parts.append(rectangle(0.1, back, 0.9, back + 0.15))
    return parts


def hook(height: float, title: str) -> list[Outline]:
    """A coat hook lying on its side."""
    angle = np.radians(np.linspace(180, 360, 24))
    outer = np.column_stack((0.5 + 0.5 * np.cos(angle), 0.5 + 0.5 * np.sin(angle)))
    inner = np.column_stack((0.5 + 0.28 * np.cos(angle[::-1]), 0.5 + 0.28 * np.sin(angle[::-1])))
    top = np.array(((1.0, 0.66), (0.78, 0.66)))
    spine = np.array(((0.22, 1.0), (0.0, 1.0)))
    body = np.concatenate((outer, top, inner, spine))
    return [body, circle(0.11, 0.86, 0.05, 20, hole=True), circle(0.11, 0.55, 0.05, 20, hole=True)]


def coaster(height: float, title: str) -> list[Outline]:
    """A hexagonal coaster with a honeycomb in it."""
    body = [circle(0.5, 0.5, 0.5, 6)]
    if height > 0.35:
        rows = [(q, r) for q in range(-2, 3) for r in range(-2, 3) if abs(q + r) <= 2]
        centres = [(0.5 + 0.16 * (q + r / 2), 0.5 + 0.1386 * r) for q, r in rows]
        body += [circle(x, y, 0.078, 6, hole=True) for x, y in centres]
    return body


def tag(height: float, title: str) -> list[Outline]:
    """A name tag with raised letters and a hole for the ring."""
    if height <= 0.6:
        return [rounded(0, 0, 1, 1, 0.16), circle(0.09, 0.5, 0.055, 20, hole=True)]
    return _letters(title.split()[0][:7].upper() if title.split() else "ODIN")


def _letters(text: str) -> list[Outline]:
    font = ImageFont.load_default(22)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(text))
    mask = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=font)
    dots = np.asarray(mask) > 110
    tall, wide = dots.shape
    runs = []
    for row in range(tall):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], dots[row], [False])).astype(np.int8)))
        y1, y0 = 0.82 - 0.64 * row / tall, 0.82 - 0.64 * (row + 1) / tall
        runs += [
            rectangle(0.19 + 0.75 * a / wide, y0, 0.19 + 0.75 * b / wide, y1) for a, b in edges.reshape(-1, 2)
        ]
    return runs


PARTS: dict[str, Part] = {
    "box": box,
    "vase": vase,
    "gear": gear,
    "bracket": bracket,
    "stand": stand,
    "hook": hook,
    "coaster": coaster,
    "tag": tag,
}


def part_for(title: str) -> Part:
    """The part whose name is in the title, else one that always goes with this title."""
    named = [part for name, part in PARTS.items() if name in title.lower()]
    return named[0] if named else list(PARTS.values())[zlib.crc32(title.encode()) % len(PARTS)]
