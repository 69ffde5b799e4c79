"""Strokes of the nozzle as a browser draws them: packed lines of points, each with a kind, tool and width.

A part is `<IIIiiI` (first layer, lines, points, origin X and Y in um, unit in um), then columns: X and Y as
steps from point to point (int16, modulo 2^16, the first from 0); of each line its layer, less the first, and
its points (uint16), its kind, tool and width (uint8, 0.02 mm, 0 where unknown); filled up to 4 bytes.
"""

import struct
from dataclasses import dataclass

import numpy as np

from models3d.formats.arcs import Bends
from models3d.formats.features import LAYER_SHIFT, MOST_KINDS, MOST_TOOLS
from models3d.formats.modes import Rows
from models3d.formats.tokens import Flags, Floats, Ints, X, Y, Z

HEAD = struct.Struct("<IIIiiI")
UNIT_UM = 20
WIDTH_MM = 0.02
# Half of what 16 bits hold, less one, so that rounding stays inside.
REACH = 32766
# A line never has more points than its uint16 says.
LONGEST_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Strokes:
    """Straight strokes in order: `start` and `end` are (2, n) in mm; `label` is that of `features`."""

    start: Floats
    end: Floats
    z: Floats
    half: Floats
    label: Ints
    fed: Floats

    def part(self, begin: int, end: int) -> "Strokes":
        return self._only(slice(begin, end))

    def within(self, farthest_mm: float) -> "Strokes":
        """Without the strokes that go farther from 0 than this, and without those that go nowhere."""
        near = (np.abs(self.start) <= farthest_mm) & (np.abs(self.end) <= farthest_mm)
        near = near.all(axis=0) & (np.abs(self.z) <= farthest_mm)
        return self if near.all() else self._only(near)

    def _only(self, which: slice | Flags) -> "Strokes":
        return Strokes(
            self.start[:, which],
            self.end[:, which],
            self.z[which],
            self.half[which],
            self.label[which],
            self.fed[which],
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """Strokes joined to lines: all points, (2, n) in mm; of each line its points, label and half width."""

    points: Floats
    counts: Ints
    labels: Ints
    half: Floats

    def split(self, layer: int) -> "tuple[Lines, Lines]":
        """The lines of the layers before `layer`, and those from it on."""
        line = int(np.searchsorted(self.labels, layer * LAYER_SHIFT))
        point = int(self.counts[:line].sum())
        return (
            Lines(self.points[:, :point], self.counts[:line], self.labels[:line], self.half[:line]),
            Lines(self.points[:, point:], self.counts[line:], self.labels[line:], self.half[line:]),
        )


def joined(several: list[Lines]) -> Lines:
    return Lines(
        np.concatenate([one.points for one in several], axis=1),
        np.concatenate([one.counts for one in several]),
        np.concatenate([one.labels for one in several]),
        np.concatenate([one.half for one in several]),
    )


def strokes(
    moves: Rows, chosen: Ints, before: Floats, after: Floats, fed: Floats, bends: Bends | None
) -> Strokes:
    """The strokes that the moves `chosen` make, arcs as chords; `fed` is each move's filament in mm."""
    start, end = before[X : Y + 1].take(chosen, axis=1), after[X : Y + 1].take(chosen, axis=1)
    z, half, label, fed = after[Z][chosen], moves.half[chosen], moves.label[chosen], fed[chosen]
    which = np.flatnonzero(np.isin(bends.places, chosen)) if bends is not None else np.empty(0, np.int64)
    if bends is None or not len(which):
        return Strokes(start, end, z, half, label, fed)
    points, chords = bends.chords(which)
    counts = np.ones(len(chosen), np.int64)
    bent = np.searchsorted(chosen, bends.places[which])
    counts[bent] = chords
    owner = np.repeat(np.arange(len(chosen)), counts)
    is_bent = np.zeros(len(chosen), np.bool_)
    is_bent[bent] = True
    ends, starts = end[:, owner], start[:, owner]
    ends[:, is_bent[owner]] = points
    follows = np.flatnonzero(owner[1:] == owner[:-1]) + 1
    starts[:, follows] = ends[:, follows - 1]
    return Strokes(starts, ends, z[owner], half[owner], label[owner], (fed / counts)[owner])


def lines(drawn: Strokes) -> Lines:
    """`drawn` joined where a stroke begins at the end of the one before and is like it."""
    count = drawn.start.shape[1]
    begins: Flags = np.empty(count, np.bool_)
    begins[0] = True
    half = np.nan_to_num(drawn.half)
    begins[1:] = (
        (drawn.start[0, 1:] != drawn.end[0, :-1])
        | (drawn.start[1, 1:] != drawn.end[1, :-1])
        | (drawn.label[1:] != drawn.label[:-1])
        | (half[1:] != half[:-1])
    )
    begins[::LONGEST_LINE] = True
    first = np.flatnonzero(begins)
    places = np.arange(count) + np.cumsum(begins)
    points = np.empty((2, count + len(first)))
    points[:, places] = drawn.end
    points[:, places[first] - 1] = drawn.start[:, first]
    return Lines(points, np.diff(first, append=count) + 1, drawn.label[first], half[first])


def packed(made: Lines, tolerance_mm: float) -> bytes:
    """A part; points within the same square of `tolerance_mm` become one, but the ends of lines stay."""
    low, high = made.points.min(axis=1), made.points.max(axis=1)
    origin = np.rint((low + high) * 500)
    unit = max(UNIT_UM, int(np.ceil((high - low).max() * 500 / REACH)))
    steps = np.rint((made.points * 1000 - origin[:, np.newaxis]) / unit).astype(np.int32)
    counts = made.counts
    keep = _kept(steps, counts, max(1, round(tolerance_mm * 1000 / unit)))
    if not keep.all():
        counts = np.add.reduceat(keep.astype(np.int64), np.cumsum(counts) - counts)
        steps = steps[:, keep]
    layers = made.labels // LAYER_SHIFT
    head = HEAD.pack(int(layers[0]), len(counts), steps.shape[1], int(origin[0]), int(origin[1]), unit)
    columns = (
        np.diff(steps, axis=1, prepend=0).astype("<i2"),
        (layers - layers[0]).astype("<u2"),
        counts.astype("<u2"),
        (made.labels // MOST_TOOLS % MOST_KINDS).astype(np.uint8),
        (made.labels % MOST_TOOLS).astype(np.uint8),
        np.minimum(np.rint(made.half * 2 / WIDTH_MM), 255).astype(np.uint8),
    )
    data = head + b"".join(column.tobytes() for column in columns)
    return data + bytes(-len(data) % 4)


def _kept(steps: Ints, counts: Ints, cell: int) -> Flags:
    squares = steps // cell if cell > 1 else steps
    keep: Flags = np.empty(steps.shape[1], np.bool_)
    keep[0] = True
    keep[1:] = (squares[0, 1:] != squares[0, :-1]) | (squares[1, 1:] != squares[1, :-1])
    ends = np.cumsum(counts)
    keep[ends - 1] = True
    keep[ends - counts] = True
    return keep
