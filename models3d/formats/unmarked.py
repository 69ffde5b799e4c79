"""The box of a file without layer marks: everything extruded, less a purge line along the bed's edge."""

import numpy as np

from models3d.formats.span import Span
from models3d.formats.tokens import Flags, Floats

KEPT = 16
EDGE_MM = 10.0


class Unmarked:
    """Extruding moves after the first travel; the first few are kept apart until the bed is known."""

    def __init__(self) -> None:
        self.travelled = False
        self.leading: list[tuple[Floats, Floats]] = []
        self.rest = Span()

    def follow(self, low: Floats, high: Floats, extruding: Flags, travelling: Flags) -> None:
        """Take in the next moves' boxes, shape (3, n)."""
        if not self.travelled:
            first = int(np.argmax(travelling)) if travelling.any() else len(travelling)
            extruding = extruding & (np.arange(len(extruding)) > first)
            self.travelled = first < len(travelling)
        chosen = np.flatnonzero(extruding)
        kept = chosen[: KEPT - len(self.leading)]
        self.leading.extend((low[:, place], high[:, place]) for place in kept)
        chosen = chosen[len(kept) :]
        self.rest.add(low[:, chosen], high[:, chosen])

    def span(self, bed_mm: tuple[float, float] | None) -> Span:
        """All of it, without the straight lines it starts with within 10 mm of the edge of `bed_mm`."""
        span = Span()
        span.join(self.rest)
        purging = bed_mm is not None
        for low, high in self.leading:
            purging = purging and bed_mm is not None and _along_edge(low, high, bed_mm)
            if not purging:
                span.add(low[:, np.newaxis], high[:, np.newaxis])
        return span


def _along_edge(low: Floats, high: Floats, bed_mm: tuple[float, float]) -> bool:
    return any(high[axis] <= EDGE_MM or low[axis] >= bed_mm[axis] - EDGE_MM for axis in (0, 1))
