"""Records what the nozzle draws, layer by layer, while the moves are followed."""

import math
import struct
import zlib
from dataclasses import replace
from itertools import pairwise

import numpy as np

from models3d.formats.arcs import Bends
from models3d.formats.features import LAYER_SHIFT, MOST_TOOLS
from models3d.formats.layers import MOST_LAYERS, Book
from models3d.formats.modes import Rows
from models3d.formats.strokes import Lines, Strokes, joined, lines, packed, strokes
from models3d.formats.tokens import Floats, Ints, Z

# Where no comment marks layers, one begins when the nozzle rose by this; a vase's spiral is cut so, too.
RISE_MM = 0.05
# A chunk ends with the layer that makes it this large.
PART_POINTS = 60_000
MOST_POINTS_OF_A_LAYER = 600_000
# An arc becomes up to 96 strokes, so a block full of arcs is taken in pieces.
ARCS_AT_ONCE = 4096
# No printer is larger. One stroke a hundred metres long would blur all that is packed with it.
FARTHEST_MM = 2000.0
# How full the plate's room is, and how near to each other points are then taken for one, mm.
COARSER = ((0.9, 0.5), (0.7, 0.2), (0.5, 0.08))
FAILURES = (OSError, ValueError, IndexError, ArithmeticError, MemoryError, struct.error, zlib.error)


class Recorder:
    """Draws one plate. A failure ends the drawing, never the reading."""

    def __init__(self, book: Book, number: int) -> None:
        self._book = book
        self._sheet = book.sheet(number)
        self.restart()

    def restart(self) -> None:
        """Forget what was drawn: it was no print, as the first mark of a layer comes only now."""
        self._sheet.restart()
        self._lines: list[Lines] = []
        self._points = self._layer_points = 0
        self._mark = -1
        self._base_z = -math.inf
        self._low, self._high = np.full(2, np.inf), np.full(2, -np.inf)
        self._seen: set[int] = set()

    def follow(
        self, moves: Rows, chosen: Ints, before: Floats, after: Floats, fed: Floats, bends: Bends | None
    ) -> None:
        """Draw the moves `chosen`; the other arguments are those of all moves, as `strokes` takes them."""
        size = ARCS_AT_ONCE if bends else len(chosen)
        try:
            for begin in range(0, len(chosen), size):
                some = chosen[begin : begin + size]
                if self._book.is_spoilt or self._is_full():
                    return
                if self._is_too_long(moves, some, after):
                    continue
                drawn = strokes(moves, some, before, after, fed, bends).within(FARTHEST_MM)
                if len(drawn.z):
                    self._draw(drawn)
        except FAILURES:
            self._book.is_spoilt = True

    def finish(self) -> None:
        """Hand the plate to the book."""
        if self._book.is_spoilt:
            return
        try:
            if self._lines:
                self._write(joined(self._lines))
            kinds = {label // MOST_TOOLS for label in self._seen}
            tools = {label % MOST_TOOLS for label in self._seen}
            self._book.add(
                self._sheet, [*self._low.tolist(), *self._high.tolist()], sorted(kinds), sorted(tools)
            )
        except FAILURES:
            self._book.is_spoilt = True

    def _is_full(self) -> bool:
        is_full = self._sheet.filled >= 1
        self._sheet.is_cut = self._sheet.is_cut or is_full
        return is_full

    def _is_too_long(self, moves: Rows, chosen: Ints, after: Floats) -> bool:
        """Whether all of `chosen` lies in a layer that has as many points as are drawn."""
        if self._layer_points <= MOST_POINTS_OF_A_LAYER:
            return False
        stays = (moves.label[chosen] // LAYER_SHIFT == self._mark).all()
        if self._mark == 0:
            stays = stays and (np.abs(after[Z][chosen] - self._base_z) < RISE_MM).all()
        self._sheet.is_cut = self._sheet.is_cut or bool(stays)
        return bool(stays)

    def _draw(self, drawn: Strokes) -> None:
        seams, layers = self._layers(drawn)
        fitting = int(np.searchsorted(layers, MOST_LAYERS))
        if fitting < len(layers):
            self._sheet.is_cut = True
            drawn, seams, layers = drawn.part(0, int(seams[fitting])), seams[:fitting], layers[:fitting]
        if not fitting:
            return
        own = np.repeat(layers, np.diff(seams, append=len(drawn.z)))
        drawn = replace(drawn, label=own * LAYER_SHIFT + drawn.label % LAYER_SHIFT)
        self._sheet.note_layers(
            layers.tolist(),
            np.maximum.reduceat(drawn.z, seams).tolist(),
            np.add.reduceat(drawn.fed, seams).tolist(),
        )
        made = lines(drawn)
        self._lines.append(made)
        self._points += made.points.shape[1]
        self._layer_points = made.points.shape[1] + (0 if len(seams) > 1 else self._layer_points)
        if self._points >= PART_POINTS:
            self._pack(int(layers[-1]))

    def _layers(self, drawn: Strokes) -> tuple[Ints, Ints]:
        """Where `drawn` comes into another layer, beginning with 0, and the number of the layer there."""
        marks = drawn.label // LAYER_SHIFT
        changes = [0, *(np.flatnonzero(marks[1:] != marks[:-1]) + 1).tolist(), len(marks)]
        seams: list[int] = []
        is_new: list[bool] = []
        for begin, end in pairwise(changes):
            mark = int(marks[begin])
            rises = [] if mark else self._rises(drawn.z, begin, end)
            if rises[:1] != [begin]:
                seams.append(begin)
                is_new.append(mark != self._mark)
            seams += rises
            is_new += [True] * len(rises)
            self._mark = mark
        return np.array(seams), self._sheet.layers - 1 + np.cumsum(is_new)

    def _rises(self, z: Floats, begin: int, end: int) -> list[int]:
        """Where a layer begins by its height."""
        rises: list[int] = []
        while len(rises) <= MOST_LAYERS:
            away = np.abs(z[begin:end] - self._base_z) >= RISE_MM
            step = int(np.argmax(away)) if len(away) else 0
            if not len(away) or not away[step]:
                break
            begin += step
            self._base_z = float(z[begin])
            rises.append(begin)
        return rises

    def _pack(self, current: int) -> None:
        """Write the layers before the current one as a chunk, or a part of the current one if it is long."""
        done, rest = joined(self._lines).split(current)
        if done.counts.size:
            self._write(done)
            self._sheet.end_chunk(current)
        elif self._points >= 2 * PART_POINTS:
            self._write(rest)
            rest = done
        self._lines = [rest] if rest.counts.size else []
        self._points = rest.points.shape[1]

    def _write(self, made: Lines) -> None:
        filled = self._sheet.filled
        tolerance = next((coarse for above, coarse in COARSER if filled >= above), 0.0)
        self._sheet.write(packed(made, tolerance))
        np.minimum(self._low, made.points.min(axis=1), out=self._low)
        np.maximum(self._high, made.points.max(axis=1), out=self._high)
        self._seen.update(np.unique(made.labels % LAYER_SHIFT).tolist())
