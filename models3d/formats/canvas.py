"""A canvas with depth: fills triangles by rows, all of a batch at once, whatever their size."""

import itertools
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from models3d.formats.camera import TO_VIEW, Camera, Points

SIDE_PX = 1024
BATCH_TRIANGLES = 64 * 1024
BATCH_PIXELS = 256 * 1024
# A shared edge is computed twice and may differ in the last digits; so much overlap leaves no crack.
OVERLAP_PX = 1e-3
# Rows and pixels filled, most of them hidden again: about ten seconds. No honest mesh comes near it.
MOST_WORK = 150_000_000
# A key is depth, then the normal's x and y: the highest of a pixel is the nearest, in one comparison.
NORMAL_BITS = 12
DEPTHS = float(2**38)
NORMALS = 2.0 ** (NORMAL_BITS - 1) - 1

# What is so thin is seen from its edge or is no face at all; its neighbours cover its place.
LEAST_AREA_PX = 1e-4

Number = TypeVar("Number", np.float32, np.float64)
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class TooMuch(Exception):
    """Drawing this would take longer than a picture is worth."""


class Canvas:
    """What is nearest at each pixel of a square; row 0 is the lowest."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self._keys = np.zeros(SIDE_PX * SIDE_PX, np.int64)
        self._work = 0

    def add(self, corners: npt.NDArray[np.floating]) -> None:
        """Draw triangles given by all their corners, shape (n, 3, 3), mm; raises TooMuch."""
        for start in range(0, len(corners), BATCH_TRIANGLES):
            batch = corners[start : start + BATCH_TRIANGLES]
            self._draw(batch)

    def covered(self) -> npt.NDArray[np.bool_]:
        return (self._keys > 0).reshape(SIDE_PX, SIDE_PX)

    def depth(self) -> Points:
        """0 to 1 towards the person."""
        depth: Points = ((self._keys >> (2 * NORMAL_BITS)) / DEPTHS).astype(np.float32)
        return depth.reshape(SIDE_PX, SIDE_PX)

    def normals(self) -> tuple[Points, Points, Points]:
        """The components right, up and towards the person of what is seen at each pixel."""
        mask = 2**NORMAL_BITS - 1
        x, y = (
            ((part & mask) / NORMALS - 1).astype(np.float32).reshape(SIDE_PX, SIDE_PX)
            for part in (self._keys >> NORMAL_BITS, self._keys)
        )
        return x, y, np.sqrt(np.maximum(0, 1 - x * x - y * y))

    def _draw(self, corners: npt.NDArray[np.floating]) -> None:
        seen = self.camera.see(corners.reshape(-1, 3)).reshape(-1, 3, 3)
        hits = _hits_a_centre(seen)
        places = seen[hits].astype(np.float64)
        order = np.argsort(places[:, :, 1], axis=1)[:, :, None]
        rows = _Rows(np.take_along_axis(places, order, axis=1))
        self._count(int(rows.count.sum()))
        normal = _normals_of(corners[hits].astype(np.float64))
        for triangle, y, first, length in rows.spans():
            self._count(int(length.sum()))
            span = np.repeat(np.arange(len(length)), length)
            along = np.arange(len(span)) - np.repeat(np.cumsum(length) - length, length)
            x = first[span] + along
            of = triangle[span]
            near = rows.level(of, x, y[span])
            keys = (near * DEPTHS).astype(np.int64) + 1
            np.maximum.at(self._keys, y[span] * SIDE_PX + x, (keys << (2 * NORMAL_BITS)) | normal[of])

    def _count(self, work: int) -> None:
        self._work += work
        if self._work > MOST_WORK:
            raise TooMuch


def _normals_of(corners: Floats) -> Ints:
    """The directions of faces towards the person, both sides alike, as the low bits of keys.

    From the mesh's own coordinates: those of pixels are too coarse for a face smaller than a pixel.
    """
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(one, other) @ TO_VIEW.T
    normal[normal[:, 2] < 0] *= -1
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-30)[:, None]
    x, y = (np.rint((normal[:, axis] + 1) * NORMALS).astype(np.int64) for axis in (0, 1))
    bits: Ints = (x << NORMAL_BITS) | y
    return bits


def _hits_a_centre(seen: Points) -> npt.NDArray[np.bool_]:
    """Which triangles may cover the centre of a pixel; most of a fine mesh cover none."""
    hits = np.ones(len(seen), bool)
    for axis in (0, 1):
        low, high = _ends(seen[:, :, axis])
        hits &= np.ceil(low - (0.5 + OVERLAP_PX)) <= np.floor(high - (0.5 - OVERLAP_PX))
    return hits


def _ends(values: npt.NDArray[Number]) -> tuple[npt.NDArray[Number], npt.NDArray[Number]]:
    """The least and greatest of three, many times over."""
    a, b, c = values.T
    return np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)


class _Rows:
    """The rows of pixels that triangles cover; their corners are sorted by height."""

    def __init__(self, corners: Floats) -> None:
        x, y, z = (corners[:, :, axis] for axis in range(3))
        self._middle_y = y[:, 1]
        # The long side, then the short ones below and above the middle corner.
        self._slope, self._start = np.empty((3, len(x))), np.empty((3, len(x)))
        for side, (low, high) in enumerate(((0, 2), (0, 1), (1, 2))):
            rise = y[:, high] - y[:, low]
            slope = (x[:, high] - x[:, low]) / np.where(rise > 0, rise, 1)
            self._slope[side], self._start[side] = slope, x[:, low] - slope * y[:, low]
        (self._low_x, self._high_x), (self._low_z, self._high_z) = _ends(x), _ends(z)
        self.first = _from(y[:, 0])
        self.count = np.maximum(0, _to(y[:, 2]) - self.first + 1)
        self._plane(x, y, z)

    def _plane(self, x: Floats, y: Floats, z: Floats) -> None:
        x1, y1, z1 = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0], z[:, 1] - z[:, 0]
        x2, y2, z2 = x[:, 2] - x[:, 0], y[:, 2] - y[:, 0], z[:, 2] - z[:, 0]
        area = x1 * y2 - x2 * y1
        self.count[np.abs(area) < LEAST_AREA_PX] = 0
        area[area == 0] = 1
        self._along_x, self._along_y = (z1 * y2 - z2 * y1) / area, (z2 * x1 - z1 * x2) / area
        self._at_zero = z[:, 0] - self._along_x * x[:, 0] - self._along_y * y[:, 0]

    def spans(self) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
        """Triangle, row, first column and number of columns of each row covered, in batches."""
        for part in _slices(self.count):
            count = self.count[part]
            of = np.repeat(np.arange(part.start, part.stop), count)
            y = self.first[of] + np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
            first, length = self._columns(of, y)
            filled = length > 0
            of, y, first, length = of[filled], y[filled], first[filled], length[filled]
            for some in _slices(length):
                yield of[some], y[some], first[some], length[some]

    def _columns(self, of: Ints, y: Ints) -> tuple[Ints, Ints]:
        centre = y + 0.5
        short = np.where(centre < self._middle_y[of], 1, 2)
        long_x = self._start[0, of] + self._slope[0, of] * centre
        short_x = self._start[short, of] + self._slope[short, of] * centre
        left = np.maximum(np.minimum(long_x, short_x), self._low_x[of])
        right = np.minimum(np.maximum(long_x, short_x), self._high_x[of])
        first = _from(left)
        return first, _to(right) - first + 1

    def level(self, of: Ints, x: Ints, y: Ints) -> Floats:
        """How near the triangle is at a pixel's centre, never beyond its own corners."""
        near = self._at_zero[of] + self._along_x[of] * (x + 0.5) + self._along_y[of] * (y + 0.5)
        return np.clip(near, self._low_z[of], self._high_z[of])


def _from(edge: Floats) -> Ints:
    return np.clip(np.ceil(edge - (0.5 + OVERLAP_PX)), 0, SIDE_PX).astype(np.int64)


def _to(edge: Floats) -> Ints:
    return np.clip(np.floor(edge - (0.5 - OVERLAP_PX)), -1, SIDE_PX - 1).astype(np.int64)


def _slices(counts: Ints) -> Iterator[slice]:
    """Stretches of `counts` that sum up to about a batch each."""
    batch = np.cumsum(counts) // BATCH_PIXELS
    edges = [0, *(np.flatnonzero(np.diff(batch)) + 1).tolist(), len(counts)]
    for start, stop in itertools.pairwise(edges):
        yield slice(start, stop)
