"""When in the course of a plate its filament is spent, by the layers that were drawn of it."""

from collections.abc import Sequence
from itertools import accumulate
from typing import IO

from .formats.layers import NoPreview, Preview

STEPS = 100
# Fewer layers tell too little of the course.
FEWEST = 2


def spent_by_plate(preview: IO[bytes]) -> dict[int, list[float]]:
    """`Plate.spent` by the plate's number, for the plates that were drawn to their end."""
    try:
        told = Preview(preview)
        layers = {number: told.heights(drawn)[1] for number, drawn in told.plates.items() if not drawn.cut}
    except NoPreview:
        return {}
    return {number: course for number, fed in layers.items() if (course := course_of(fed))}


def course_of(fed_mm: Sequence[float]) -> list[float]:
    """The shares spent after each hundredth of the layers, which take `fed_mm` each; empty for nonsense."""
    if len(fed_mm) < FEWEST or not all(0 <= fed < 1e7 for fed in fed_mm):
        return []
    sums = [0.0, *accumulate(fed_mm)]
    if not sums[-1]:
        return []
    return [round(at(sums, step / STEPS) / sums[-1], 4) for step in range(STEPS + 1)]


def at(course: Sequence[float], share: float) -> float:
    """What `course`, evenly spaced from 0 to 1, has at `share`, between two places in proportion."""
    place = min(1.0, max(0.0, share)) * (len(course) - 1)
    before = min(int(place), len(course) - 2)
    return course[before] + (course[before + 1] - course[before]) * (place - before)
