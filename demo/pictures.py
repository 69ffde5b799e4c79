"""Draws a part as slicers do: from the front right above, in its filament's colour, on a clear ground."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from demo.shapes import Outline, Part

SLICES = 72
# Drawn larger and made smaller, which smooths the edges.
FINER = 3
TURN, TILT = np.radians(-35), np.radians(32)
LIGHT = np.array((0.55, -0.83))


def picture(
    part: Part, title: str, size_mm: tuple[float, float, float], color: str, pixels: int = 300
) -> bytes:
    """A square PNG of the part; `color` is #RRGGBB."""
    side = pixels * FINER
    shades = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.float64)
    project = _projection(size_mm, side)
    image = _shadow(part, title, size_mm, project, side)
    heights = np.linspace(0, 1, SLICES + 1)
    for low, high in zip(heights[:-1], heights[1:], strict=True):
        outlines = [_turned(outline, size_mm) for outline in part((low + high) / 2, title)]
        _walls(image, outlines, (low * size_mm[2], high * size_mm[2]), shades, project)
        _top(image, outlines, high * size_mm[2], shades, project)
    written = io.BytesIO()
    image.resize((pixels, pixels), Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
    return written.getvalue()


class _Projection:
    """From millimetres, turned already, to pixels."""

    def __init__(self, scale: float, middle: tuple[float, float]) -> None:
        self.scale = scale
        self.middle = middle

    def __call__(self, points: Outline, height: float) -> list[tuple[float, float]]:
        across = self.middle[0] + points[:, 0] * self.scale
        down = self.middle[1] - (points[:, 1] * np.sin(TILT) + height * np.cos(TILT)) * self.scale
        return list(zip(across.tolist(), down.tolist(), strict=True))


def _projection(size_mm: tuple[float, float, float], side: int) -> _Projection:
    corners = _turned(np.array(((0.0, 0), (1, 0), (1, 1), (0, 1))), size_mm)
    wide = np.ptp(corners[:, 0])
    tall = np.ptp(corners[:, 1]) * np.sin(TILT) + size_mm[2] * np.cos(TILT)
    scale = 0.84 * side / max(wide, tall)
    lowest = corners[:, 1].min() * np.sin(TILT)
    return _Projection(scale, (side / 2, side / 2 + (lowest + tall / 2) * scale))


def _turned(outline: Outline, size_mm: tuple[float, float, float]) -> Outline:
    points = (outline - 0.5) * size_mm[:2]
    sine, cosine = np.sin(TURN), np.cos(TURN)
    turned: Outline = points @ np.array(((cosine, sine), (-sine, cosine)))
    return turned


def _shadow(
    part: Part, title: str, size_mm: tuple[float, float, float], project: _Projection, side: int
) -> Image.Image:
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    for outline in part(0.0, title)[:1]:
        draw.polygon(project(_turned(outline, size_mm), -0.02 * max(size_mm)), fill=90)
    image = Image.new("RGBA", (side, side))
    image.putalpha(mask.filter(ImageFilter.GaussianBlur(side / 60)))
    return image


def _walls(
    image: Image.Image,
    outlines: list[Outline],
    span: tuple[float, float],
    shades: Outline,
    project: _Projection,
) -> None:
    """The sides that face the viewer, each lit by where it looks."""
    draw = ImageDraw.Draw(image)
    for outline in outlines:
        ends = np.roll(outline, -1, axis=0)
        along = ends - outline
        # Material is to the left, so a wall looks to the right of its edge; the viewer stands at less y.
        normals = np.column_stack((along[:, 1], -along[:, 0]))
        normals /= np.maximum(np.hypot(normals[:, 0], normals[:, 1]), 1e-9)[:, np.newaxis]
        for place in np.flatnonzero(normals[:, 1] < 0):
            light = 0.56 + 0.3 * float(normals[place] @ LIGHT)
            edge = np.array((outline[place], ends[place]))
            quad = project(edge, span[0] - (span[1] - span[0]) * 0.5) + project(edge, span[1])[::-1]
            draw.polygon(quad, fill=_shade(shades, light))


def _top(
    image: Image.Image, outlines: list[Outline], height: float, shades: Outline, project: _Projection
) -> None:
    mask = Image.new("1", image.size)
    draw = ImageDraw.Draw(mask)
    for outline in outlines:
        area = np.sum(outline[:, 0] * np.roll(outline[:, 1], -1) - np.roll(outline[:, 0], -1) * outline[:, 1])
        draw.polygon(project(outline, height), fill=int(area > 0))
    image.paste(_shade(shades, 1.02), mask=mask)


def _shade(shades: Outline, light: float) -> tuple[int, int, int, int]:
    """The colour in that light; black and white are kept off their ends, so that their edges show."""
    lit = np.clip((22 + shades * 0.88) * light, 0, 255).astype(int).tolist()
    return lit[0], lit[1], lit[2], 255
