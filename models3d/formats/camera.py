"""Looks at a mesh from the front right above, z up: from its coordinates to those of a picture."""

import math

import numpy as np
import numpy.typing as npt

from models3d.formats.span import FARTHEST_MM

Points = npt.NDArray[np.float32]

AROUND, ABOVE = math.radians(32), math.radians(28)
# Rows: to the right of the picture, up in it, and out of it towards the person.
TO_VIEW = np.array(
    [
        [math.cos(AROUND), math.sin(AROUND), 0.0],
        [-math.sin(AROUND) * math.sin(ABOVE), math.cos(AROUND) * math.sin(ABOVE), math.cos(ABOVE)],
        [math.sin(AROUND) * math.cos(ABOVE), -math.cos(AROUND) * math.cos(ABOVE), math.sin(ABOVE)],
    ]
)


class Extent:
    """The box of all points added so far, in mm and as the camera sees them.

    The camera's numbers are small floats, so they count from `origin`, somewhere near the points; without
    one it is the first point. Extents of one origin can be joined.
    """

    def __init__(self, origin: npt.NDArray[np.floating] | None = None) -> None:
        self.low, self.high = np.full(3, np.inf), np.full(3, -np.inf)
        self.origin = None if origin is None else np.array(origin, np.float64)
        self._seen_low, self._seen_high = np.full(3, np.inf), np.full(3, -np.inf)

    def add(self, points: npt.NDArray[np.floating]) -> None:
        """Take in points of shape (n, 3). One that is not finite makes the whole box so."""
        if not len(points):
            return
        # Rows of one coordinate each: numpy finds their ends ten times faster than those of columns.
        rows = np.ascontiguousarray(points.T)
        # An infinity less an infinity is none; what is_sound says of it is what counts.
        with np.errstate(all="ignore"):
            if self.origin is None:
                self.origin = rows[:, 0].astype(np.float64)
            self.low = np.minimum(self.low, rows.min(axis=1))
            self.high = np.maximum(self.high, rows.max(axis=1))
            rows -= self.origin[:, None].astype(rows.dtype)
            seen = TO_VIEW.astype(np.float32) @ rows.astype(np.float32, copy=False)
            self._seen_low = np.minimum(self._seen_low, seen.min(axis=1))
            self._seen_high = np.maximum(self._seen_high, seen.max(axis=1))

    def join(self, other: "Extent") -> None:
        """Take in another extent of the same origin."""
        self.low, self.high = np.minimum(self.low, other.low), np.maximum(self.high, other.high)
        self._seen_low = np.minimum(self._seen_low, other._seen_low)
        self._seen_high = np.maximum(self._seen_high, other._seen_high)

    def __bool__(self) -> bool:
        """Whether there is a point in it."""
        return not bool(np.isposinf(self.low).all() and np.isneginf(self.high).all())

    @property
    def is_sound(self) -> bool:
        """Whether all points were finite and within what a printer could reach."""
        return bool((np.abs(self.low) <= FARTHEST_MM).all() and (np.abs(self.high) <= FARTHEST_MM).all())

    @property
    def size_mm(self) -> tuple[float, float, float]:
        x, y, z = (round(float(side), 3) for side in self.high - self.low)
        return x, y, z

    def camera(self, side_px: int, margin_px: int) -> "Camera":
        """The camera that shows all of this on a square picture; only for a sound box of some size."""
        origin = np.zeros(3) if self.origin is None else self.origin
        return Camera(origin, self._seen_low, self._seen_high, (side_px, margin_px))


class Camera:
    """Turns mm into pixels: x to the right, y up, z out of the picture from 0 to 1."""

    def __init__(
        self,
        origin: npt.NDArray[np.float64],
        low: npt.NDArray[np.float64],
        high: npt.NDArray[np.float64],
        frame: tuple[int, int],
    ) -> None:
        side_px, margin_px = frame
        widest = max(float((high - low)[:2].max()), 1e-9)
        self.px_per_mm = (side_px - 2 * margin_px) / widest
        scale = np.array([self.px_per_mm, self.px_per_mm, 1 / max(float(high[2] - low[2]), 1e-9)])
        middle = np.array([*((low + high) / 2)[:2], low[2]])
        shift = np.array([side_px / 2, side_px / 2, 0.0]) - middle * scale
        self.depth_px = self.px_per_mm / float(scale[2])
        self._origin = origin
        self._turn = (TO_VIEW.T * scale).astype(np.float32)
        self._shift = shift.astype(np.float32)

    def see(self, points: npt.NDArray[np.floating]) -> Points:
        """Points of shape (n, 3) as the picture has them."""
        near = (points - self._origin.astype(points.dtype)).astype(np.float32, copy=False)
        seen: Points = near @ self._turn
        seen += self._shift
        return seen
