"""The picture of a mesh: shaded by its faces' directions, its edges drawn, on a transparent ground."""

import io
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from PIL import Image

from models3d.formats.camera import Extent, Points
from models3d.formats.canvas import SIDE_PX, Canvas, TooMuch

PICTURE_PX = 512
MARGIN_PX = 48
# From the upper left, in front; the second fills the shadows from the right. View coordinates.
KEY_LIGHT = (-0.42, 0.58, 0.70)
FILL_LIGHT = (0.85, 0.05, 0.52)
# Dark to light; neither end vanishes on a white page or on a black one.
SHADES = np.array([(62, 74, 89), (126, 141, 158), (182, 194, 208), (226, 232, 239)], np.float32)
RAMP = np.stack(
    [
        np.interp(np.linspace(0, 1, 1024), np.linspace(0, 1, len(SHADES)), SHADES[:, part])
        for part in range(3)
    ],
    axis=1,
).astype(np.float32)
LINE = np.array((38, 47, 59), np.float32)
# Neighbours that differ more than this are two faces, not one curved surface: about 25 degrees.
CREASE = 0.905
# A step in depth of so many pixels between neighbours is an outline.
STEP_PX = 7.0
# How far light that is kept off a hollow is asked for, in pixels of the picture, and how dark it gets there.
HOLLOW_PX, HOLLOW_DARK = 9, 0.28

Flags = npt.NDArray[np.bool_]


def drawn(extent: Extent, batches: Iterable[npt.NDArray[np.floating]]) -> bytes:
    """The picture of triangles, shape (n, 3, 3) each batch, that together fill the sound `extent`.

    A PNG of 512 px with a transparent ground; b"" if there is nothing to see, or far too much to draw.
    """
    canvas = Canvas(extent.camera(SIDE_PX, MARGIN_PX))
    try:
        for corners in batches:
            canvas.add(corners)
    except TooMuch:
        return b""
    return _shaded(canvas)


def _shaded(canvas: Canvas) -> bytes:
    covered = canvas.covered()
    if not covered.any():
        return b""
    depth = canvas.depth() * np.float32(canvas.camera.depth_px)
    normals = canvas.normals()
    light = _light(normals) * (1 - HOLLOW_DARK * _hollows(depth, normals, covered))
    line = _lines(depth, normals, covered)[..., None]
    colors = RAMP[(light * (len(RAMP) - 1)).astype(np.int16)]
    return _written(colors + (LINE - colors) * line, covered)


def _light(normals: tuple[Points, Points, Points]) -> Points:
    x, y, z = normals
    key, fill = (
        np.maximum(0, (x * to[0] + y * to[1] + z * to[2]) / np.linalg.norm(to))
        for to in (KEY_LIGHT, FILL_LIGHT)
    )
    light: Points = np.clip(0.06 + 0.80 * key + 0.22 * fill + 0.06 * y, 0, 1)
    return light


def _hollows(depth: Points, normals: tuple[Points, Points, Points], covered: Flags) -> Points:
    """How deep each pixel lies below what is around it, 0 to 1: light does not get there as well."""
    seen, level = covered[::2, ::2], depth[::2, ::2]
    x, y, z = (part[::2, ::2] for part in normals)
    row, column = (
        np.arange(PICTURE_PX, dtype=np.float32)[at] for at in ((slice(None), None), (None, slice(None)))
    )
    weight = np.maximum(_blurred(seen.astype(np.float32)), 1e-6)
    around, aside, above = (_blurred(np.where(seen, part, 0)) / weight for part in (level, column, row))
    # At an outline only one side counts; a plane there is no hollow, so its own slope is taken off.
    slope = 2 * (x * (aside - column) + y * (above - row)) / np.maximum(z, 0.1)
    hollow: Points = np.clip((around + slope - level) / (2 * HOLLOW_PX), 0, 1).astype(np.float32)
    return hollow.repeat(2, axis=0).repeat(2, axis=1)


def _blurred(values: Points) -> Points:
    """The mean of the square around each pixel; beyond the edge is what is at the edge."""
    wide = 2 * HOLLOW_PX + 1
    for axis in (0, 1):
        reach = [(0, 0), (0, 0)]
        reach[axis] = (HOLLOW_PX + 1, HOLLOW_PX)
        sums = np.cumsum(np.pad(values, reach, mode="edge"), axis=axis, dtype=np.float64)
        ahead, behind = (sums[wide:], sums[:-wide]) if axis == 0 else (sums[:, wide:], sums[:, :-wide])
        values = ((ahead - behind) / wide).astype(np.float32)
    return values


def _lines(depth: Points, normals: tuple[Points, Points, Points], covered: Flags) -> Points:
    """How much of a line is at each pixel: the outline most, steps in depth, creases least."""
    line = np.zeros(depth.shape, np.float32)
    level = np.where(covered, depth, -1e6)
    for one, other in (
        ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
        ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
    ):
        both = covered[one] & covered[other]
        outline = covered[one] != covered[other]
        bend = sum(part[one] * part[other] for part in normals) < CREASE
        # A slope seen at a flat angle steps from pixel to pixel too, so what is a step depends on it.
        steep = STEP_PX / np.maximum(0.12, np.minimum(normals[2][one], normals[2][other]))
        step = both & (np.abs(level[one] - level[other]) > steep)
        amount = np.where(outline, 0.85, np.where(step, 0.6, np.where(both & bend, 0.30, 0))).astype(
            np.float32
        )
        for side in (one, other):
            np.maximum(line[side], amount, out=line[side])
    return line


def _written(colors: npt.NDArray[np.floating], covered: Flags) -> bytes:
    """Each pixel is the mean of those it covers, so that outlines are smooth on any ground."""
    half = (PICTURE_PX, 2, PICTURE_PX, 2)
    count = covered.reshape(half).sum(axis=(1, 3))
    total = (colors * covered[..., None]).reshape(*half, 3).sum(axis=(1, 3))
    pixels = np.zeros((PICTURE_PX, PICTURE_PX, 4), np.uint8)
    pixels[..., :3] = np.rint(total / np.maximum(count, 1)[..., None])
    pixels[..., 3] = np.rint(count * 63.75)
    written = io.BytesIO()
    Image.fromarray(pixels[::-1]).save(written, "PNG", optimize=False, compress_level=6)
    return written.getvalue()
