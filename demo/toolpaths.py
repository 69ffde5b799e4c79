"""Turns outlines into tool paths, layer by layer: two walls and an infill, as a slicer would lay them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from demo.shapes import Outline, Part

# Moves in a file; a slicer's own files have more, but these are for lists and simulators.
MOST_MOVES = 9000
SOLID_LAYERS = 2
FEWEST_POINTS = 26


@dataclass(frozen=True, slots=True)
class Path:
    """One extruded line without a lift, mm; `feature` is wall-outer, wall-inner or infill."""

    feature: str
    points: Outline


@dataclass(frozen=True, slots=True)
class Layer:
    """All paths of one height, mm."""

    height_mm: float
    paths: tuple[Path, ...]

    @property
    def length_mm(self) -> float:
        return sum(float(np.hypot(*np.diff(path.points, axis=0).T).sum()) for path in self.paths)


def layers(
    part: Part,
    title: str,
    size_mm: tuple[float, float, float],
    middle: tuple[float, float],
    thickness_mm: float,
) -> Iterator[Layer]:
    """The part's layers from the bed up; lines are twice as wide as `thickness_mm`, nearly."""
    count = max(1, round(size_mm[2] / thickness_mm))
    width = thickness_mm * 2.25
    corner = np.array(middle) - np.array(size_mm[:2]) / 2
    each = MOST_MOVES / count
    for number in range(count):
        shapes = part((number + 0.5) / count, title)
        outlines = [_thinned(outline, each / len(shapes)) * size_mm[:2] + corner for outline in shapes]
        solid = number < SOLID_LAYERS or number >= count - SOLID_LAYERS
        yield Layer((number + 1) * thickness_mm, tuple(_paths(outlines, width, each, number, solid=solid)))


def _paths(
    outlines: list[Outline], width: float, moves: float, number: int, *, solid: bool
) -> Iterator[Path]:
    vertices = sum(map(len, outlines))
    if 2 * vertices < moves:
        for outline in outlines:
            yield Path("wall-inner", _closed(inset(outline, 1.5 * width)))
    for outline in outlines:
        yield Path("wall-outer", _closed(inset(outline, width / 2)))
    inner = [inset(outline, 2.2 * width) for outline in outlines]
    angle = np.radians(45 if number % 2 else -45)
    left = max(8.0, (moves - 2 * vertices) / 2) * (4 if solid else 1)
    yield from (
        Path("infill", line) for line in _hatch(inner, angle, left, 2.5 * width if solid else 6 * width)
    )


def _thinned(outline: Outline, most: float) -> Outline:
    """Every so many points of a finely drawn outline, so that a tall part is still a small file."""
    return outline[:: max(1, round(len(outline) / max(FEWEST_POINTS, most)))]


def inset(outline: Outline, distance: float) -> Outline:
    """The outline moved into its material by `distance`, sharp corners at most doubled."""
    before, after = np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0)
    normals = _left(outline - before) + _left(after - outline)
    length = np.maximum(np.hypot(normals[:, 0], normals[:, 1]), 0.5)
    # The sum of two unit normals is 2 cos(half the turn), and the corner moves by distance / cos of it.
    moved: Outline = outline + normals * (2 * distance / length**2)[:, np.newaxis]
    return moved


def _left(edges: Outline) -> Outline:
    length = np.maximum(np.hypot(edges[:, 0], edges[:, 1]), 1e-9)
    return np.column_stack((-edges[:, 1], edges[:, 0])) / length[:, np.newaxis]


def _closed(outline: Outline) -> Outline:
    return np.concatenate((outline, outline[:1]))


def _hatch(outlines: list[Outline], angle: float, most: float, spacing: float) -> Iterator[Outline]:
    """Parallel lines at `angle` within the outlines, wider apart if they would be more than `most`."""
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    starts = np.concatenate([outline @ turn for outline in outlines])
    ends = np.concatenate([np.roll(outline, -1, axis=0) @ turn for outline in outlines])
    low, high = starts[:, 1].min(), starts[:, 1].max()
    step = max(spacing, (high - low) / most)
    for number, height in enumerate(np.arange(low + step / 2, high, step)):
        cut = (starts[:, 1] <= height) != (ends[:, 1] <= height)
        share = (height - starts[cut, 1]) / (ends[cut, 1] - starts[cut, 1])
        across = np.sort(starts[cut, 0] + share * (ends[cut, 0] - starts[cut, 0]))
        pairs = across[: len(across) // 2 * 2].reshape(-1, 2)
        for pair in pairs[pairs[:, 1] - pairs[:, 0] > 0.5]:
            line = np.column_stack((pair if number % 2 else pair[::-1], (height, height)))
            yield line @ turn.T
