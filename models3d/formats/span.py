"""A growing box of points."""

import math

from models3d.formats.metadata import Box
from models3d.formats.tokens import Floats

# A printer a kilometre wide is a broken file; such a box helps nobody.
FARTHEST_MM = 1e6


class Span:
    """The lowest and highest of all points added so far, mm."""

    def __init__(self) -> None:
        self.low = [math.inf] * 3
        self.high = [-math.inf] * 3

    def add(self, low: Floats, high: Floats) -> None:
        """Take in boxes given by their low and high corners, each of shape (3, n)."""
        if low.shape[1] == 0:
            return
        lowest, highest = low.min(axis=1).tolist(), high.max(axis=1).tolist()
        self.low = [min(pair) for pair in zip(self.low, lowest, strict=True)]
        self.high = [max(pair) for pair in zip(self.high, highest, strict=True)]

    def join(self, other: "Span", margin: float = 0.0) -> None:
        """Take in another span, its X and Y widened by `margin` on each side."""
        if not other:
            return
        around = (margin, margin, 0.0)
        self.low = [
            min(mine, its - more) for mine, its, more in zip(self.low, other.low, around, strict=True)
        ]
        self.high = [
            max(mine, its + more) for mine, its, more in zip(self.high, other.high, around, strict=True)
        ]

    def __bool__(self) -> bool:
        return self.low[0] <= self.high[0]

    def box(self) -> Box | None:
        """None if nothing was added, or something no printer could reach."""
        if not self or max(map(abs, (*self.low, *self.high))) > FARTHEST_MM:
            return None
        low, high = ([round(value, 4) for value in corner] for corner in (self.low, self.high))
        return Box((low[0], low[1], low[2]), (high[0], high[1], high[2]))
