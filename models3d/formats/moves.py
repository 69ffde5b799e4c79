"""The true box of a print: where the nozzle extrudes, and where it goes at all, read from the moves themselves."""

import math
from dataclasses import dataclass, field

import numpy as np

from models3d.formats import arcs
from models3d.formats.commands import (
    Curve,
    Home,
    Mark,
    Meaning,
    Mode,
    Move,
    SetPosition,
    row,
    understand,
)
from models3d.formats.metadata import Box
from models3d.formats.span import Span
from models3d.formats.tokens import E, Flags, Floats, I, Ints, J, Lines, R, X, Y, Z, split
from models3d.formats.unmarked import Unmarked

SET_E = 92
FARTHEST_MM = 1e5
LONGEST_FILAMENT_MM = 1e7
# The width of a line where the file states none, per nozzle diameter; and the nozzle where that isn't stated either.
LINE_PER_NOZZLE = 1.125
USUAL_NOZZLE_MM = 0.4
MEMORY = 20_000


@dataclass(slots=True)
class Modes:
    """How the lines to come are meant."""

    absolute: bool = True
    absolute_e: bool = True
    unit_mm: float = 1.0
    body: bool = False
    skip: bool = False
    flush: bool = False
    half_mm: float = math.nan

    def row(self) -> tuple[float, ...]:
        wanted = not self.skip and not self.flush
        return self.absolute, self.absolute_e, self.unit_mm, self.body and wanted, wanted, self.half_mm


@dataclass(slots=True)
class Timeline:
    """What one block changes: the modes from a line on, and the lines at which the position is set anew."""

    since: list[int]
    modes: list[tuple[float, ...]]
    breaks: list[tuple[int, Meaning, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rows:
    """A block's moves in order: numbers in mm, shape (7, n), and the modes each is meant in."""

    commands: Ints
    words: Floats
    absolute: Flags
    absolute_e: Flags
    printing: Flags
    wanted: Flags
    half: Floats

    def part(self, begin: int, end: int) -> "Rows":
        cut = slice(begin, end)
        return Rows(
            self.commands[cut],
            self.words[:, cut],
            self.absolute[cut],
            self.absolute_e[cut],
            self.printing[cut],
            self.wanted[cut],
            self.half[cut],
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """The boxes of a file. `printed` is widened by half a line; `bare` is not."""

    printed: Box | None
    bare: Box | None
    motion: Box | None
    estimated: bool
    layers: int
    moves: int
    warnings: tuple[str, ...]


class MoveScan:
    """Follows the moves of one file, block by block; memory does not grow with the file."""

    def __init__(self) -> None:
        self.modes = Modes()
        self.position = [0.0, 0.0, 0.0]
        self.known = [False, False, False]
        self.offset = [0.0, 0.0, 0.0]
        self.filament = 0.0
        self.motion, self.bare, self.stated, self.unstated = Span(), Span(), Span(), Span()
        self.unmarked = Unmarked()
        self.marked = False
        self.layers = self.moves = self.rubbish = 0
        self.other_plane = False
        self._meanings: dict[bytes, Meaning] = {}

    def feed(self, block: bytes) -> None:
        """Follow the next lines; `block` ends with a newline."""
        lines = split(block)
        timeline = self._read_unusual(block, lines)
        places = np.flatnonzero(lines.commands >= 0)
        rows, places = self._rows(lines, places, timeline)
        begin = 0
        for line, meaning, unit_mm in timeline.breaks:
            end = int(np.searchsorted(places, line))
            self._follow(rows.part(begin, end))
            self._set_anew(meaning, unit_mm)
            begin = end
        self._follow(rows.part(begin, len(places)))

    def finish(self, nozzle_mm: float | None, bed_mm: tuple[float, float] | None) -> Reach:
        """The boxes; the nozzle gives the line's width where the file does not, the bed finds purge lines."""
        margin = (nozzle_mm or USUAL_NOZZLE_MM) * LINE_PER_NOZZLE / 2
        printed, bare = Span(), self.bare
        if self.marked:
            printed.join(self.stated)
            printed.join(self.unstated, margin)
        else:
            bare = self.unmarked.span(bed_mm)
            printed.join(bare, margin)
        return Reach(
            printed.box(),
            bare.box(),
            self.motion.box(),
            not self.marked and bool(bare),
            self.layers,
            self.moves,
            tuple(self._warnings(printed)),
        )

    def _warnings(self, printed: Span) -> list[str]:
        found = []
        if self.rubbish:
            found.append(f"{self.rubbish} moves with impossible numbers were left out of the size.")
        if self.other_plane:
            found.append("The file draws arcs outside the bed's plane (G18 or G19); its size may be wrong.")
        if printed and printed.box() is None:
            found.append("The moves run farther than any printer reaches; the size is unknown.")
        return found

    def _read_unusual(self, block: bytes, lines: Lines) -> Timeline:
        timeline = Timeline([-1], [self.modes.row()])
        unusual = lines.unusual
        starts, stops = lines.starts[unusual].tolist(), lines.stops[unusual].tolist()
        for line, start, stop in zip(unusual.tolist(), starts, stops, strict=True):
            meaning = self._meaning(block[start:stop])
            if meaning is None:
                continue
            if isinstance(meaning, (Mark, Mode)):
                self._change(meaning, line, timeline)
            elif isinstance(meaning, Move):
                lines.commands[line] = meaning.number
                lines.words[:, line] = row(meaning.words)
            elif isinstance(meaning, SetPosition) and meaning.words and not {"X", "Y", "Z"} & meaning.words.keys():
                lines.commands[line] = SET_E
                lines.words[E, line] = meaning.words.get("E", math.nan)
            else:
                timeline.breaks.append((line, meaning, self.modes.unit_mm))
        return timeline

    def _meaning(self, line: bytes) -> Meaning:
        try:
            return self._meanings[line]
        except KeyError:
            meaning = understand(line)
            # Marks and modes repeat for ever; moves with their own numbers must not fill the memory.
            if len(self._meanings) < MEMORY and len(line) < 64 and not isinstance(meaning, Move):
                self._meanings[line] = meaning
            return meaning

    def _change(self, meaning: Mark | Mode, line: int, timeline: Timeline) -> None:
        modes = self.modes
        if isinstance(meaning, Mark):
            modes.body = modes.body if meaning.body is None else meaning.body
            modes.skip = modes.skip if meaning.skip is None else meaning.skip
            modes.flush = modes.flush if meaning.flush is None else meaning.flush
            modes.half_mm = modes.half_mm if meaning.width_mm is None else meaning.width_mm / 2
            self.layers += meaning.layer
            self.marked = self.marked or bool(meaning.body)
        else:
            modes.absolute = modes.absolute if meaning.absolute is None else meaning.absolute
            modes.absolute_e = modes.absolute_e if meaning.absolute_e is None else meaning.absolute_e
            modes.unit_mm = meaning.unit_mm or modes.unit_mm
            self.other_plane = self.other_plane or meaning.plane_xy is False
        now = modes.row()
        if now != timeline.modes[-1]:
            timeline.since.append(line)
            timeline.modes.append(now)

    def _rows(self, lines: Lines, places: Ints, timeline: Timeline) -> tuple[Rows, Ints]:
        first = np.searchsorted(places, timeline.since)
        counts = np.diff(first, append=len(places))
        modes = np.repeat(np.array(timeline.modes, dtype=np.float64).T, counts, axis=1)
        words = lines.words[:, places]
        unit = modes[2]
        if (unit != 1.0).any():
            words *= unit
        lengths = np.abs(words)
        filament = lengths[E].copy()
        lengths[E] = 0.0
        wrong = (lengths > FARTHEST_MM).any(axis=0) | (filament > LONGEST_FILAMENT_MM)
        commands = lines.commands[places].astype(np.int64)
        if wrong.any():
            self.rubbish += int(wrong.sum())
            right = ~wrong
            words, modes, commands, places = words[:, right], modes[:, right], commands[right], places[right]
        self.moves += int((commands != SET_E).sum())
        flags = modes[[0, 1, 3, 4]] != 0
        return Rows(commands, words, flags[0], flags[1], flags[2], flags[3], modes[5]), places

    def _set_anew(self, meaning: Meaning, unit_mm: float) -> None:
        if isinstance(meaning, Home):
            for axis in meaning.axes:
                self.known[axis] = False
                self.offset[axis] = 0.0
        elif isinstance(meaning, SetPosition):
            words = {word: value * unit_mm for word, value in meaning.words.items()}
            if any(abs(value) > FARTHEST_MM for word, value in words.items() if word in "XYZ"):
                self.rubbish += 1
                return
            for axis, name in enumerate("XYZ"):
                if name in words or not words:
                    self.offset[axis] = self.position[axis] - words.get(name, 0.0)
            if "E" in words or not words:
                self.filament = words.get("E", 0.0)
        elif isinstance(meaning, Curve):
            self._follow_curve(meaning, unit_mm)

    def _follow_curve(self, curve: Curve, unit_mm: float) -> None:
        """A curve stays in the hull of its control points, so it is followed along those."""
        words = {word: value * unit_mm for word, value in curve.words.items()}
        absolute = self.modes.absolute
        here = [self.position[axis] - (self.offset[axis] if absolute else self.position[axis]) for axis in (X, Y)]
        end = [words.get(name, here[axis] if absolute else 0.0) for axis, name in enumerate("XY")]
        first = [here[0] + words.get("I", 0.0), here[1] + words.get("J", 0.0)]
        second = [end[0] + words.get("P", 0.0), end[1] + words.get("Q", 0.0)]
        if not absolute:
            end, second = (
                [end[0] - second[0], end[1] - second[1]],
                [second[0] - first[0], second[1] - first[1]],
            )
        table = np.full((7, 3), np.nan)
        table[X], table[Y] = zip(first, second, end, strict=True)
        table[Z, 2] = words.get("Z", math.nan)
        push = words.get("E", math.nan)
        if self.modes.absolute_e and absolute:
            table[E] = np.linspace(self.filament, push, 4)[1:]
        else:
            table[E] = push / 3
        if (np.abs(table) > FARTHEST_MM).any():
            self.rubbish += 1
            return
        modes = np.array([self.modes.row()] * 3).T
        flags = modes[[0, 1, 3, 4]] != 0
        self._follow(Rows(np.ones(3, np.int64), table, flags[0], flags[1], flags[2], flags[3], modes[5]))

    def _follow(self, rows: Rows) -> None:
        if len(rows.commands) == 0:
            return
        before, after, known = self._walk(rows)
        push = self._push(rows)
        arc = (rows.commands == 2) | (rows.commands == 3)
        moved = (before[X] != after[X]) | (before[Y] != after[Y])
        low = high = after
        if arc.any():
            low, high = self._bend(rows, before, after, arc)
        there = slice(None) if known.all() else known
        self.motion.add(low[:, there], high[:, there])
        extruding = (push > 0) & known & rows.wanted & (moved | arc)
        start = np.array((before[X], before[Y], after[Z]))
        low, high = np.minimum(low, start), np.maximum(high, start)
        if not self.marked:
            self.unmarked.follow(low, high, extruding, moved & known & (push <= 0))
        printed = np.flatnonzero(extruding & rows.printing)
        self._print(low[:, printed], high[:, printed], rows.half[printed])

    def _walk(self, rows: Rows) -> tuple[Floats, Floats, Flags]:
        """Where each move starts and ends, both (3, n), and whether all axes are known by then."""
        count = len(rows.commands)
        after = np.empty((3, count))
        before = np.empty((3, count))
        known = np.ones(count, np.bool_)
        for axis in (X, Y, Z):
            values = rows.words[axis]
            if self.offset[axis]:
                values = np.where(rows.absolute, values + self.offset[axis], values)
            after[axis] = carried(values, rows.absolute, self.position[axis])
            before[axis, 0], before[axis, 1:] = self.position[axis], after[axis, :-1]
            if not self.known[axis]:
                known &= np.logical_or.accumulate(~np.isnan(values) & rows.absolute)
                self.known[axis] = bool((~np.isnan(values) & rows.absolute).any())
            self.position[axis] = float(after[axis, -1])
        return before, after, known

    def _push(self, rows: Rows) -> Floats:
        """Filament fed by each move, mm; negative where it is drawn back."""
        values = rows.words[E]
        setting = rows.commands == SET_E
        absolute = (rows.absolute & rows.absolute_e) | setting
        after = carried(values, absolute, self.filament)
        before = np.concatenate(([self.filament], after[:-1]))
        self.filament = float(after[-1])
        fed = np.where(absolute, values - before, values)
        fed[setting | np.isnan(fed)] = 0.0
        return fed

    def _bend(self, rows: Rows, before: Floats, after: Floats, arc: Flags) -> tuple[Floats, Floats]:
        """The corners of each move's box without its start, arcs with their bulge."""
        bent = np.flatnonzero(arc)
        start, end, words = before[:2, bent], after[:2, bent], rows.words[:, bent]
        clockwise = rows.commands[bent] == 2
        offset = np.nan_to_num(words[[I, J]])
        by_radius = ~np.isnan(words[R])
        if by_radius.any():
            offset = np.where(by_radius, arcs.centres(start, end, words[R], clockwise), offset)
            self.rubbish += int(np.isnan(offset[0]).sum())
        low, high = after.copy(), after.copy()
        low[:2, bent], high[:2, bent] = arcs.reach(start, end, offset, clockwise)
        return low, high

    def _print(self, low: Floats, high: Floats, half: Floats) -> None:
        self.bare.add(low, high)
        unknown = np.isnan(half)
        self.unstated.add(low[:, unknown], high[:, unknown])
        if not unknown.all():
            around = np.array((half, half, np.zeros(len(half))))[:, ~unknown]
            self.stated.add(low[:, ~unknown] - around, high[:, ~unknown] + around)


def carried(values: Floats, absolute: Flags, before: float) -> Floats:
    """Positions after each step: an absolute value is it, a relative one is added, NaN stays where it was."""
    given = ~np.isnan(values)
    index = np.arange(len(values))
    if absolute.all():
        if given.all():
            return values
        last = np.maximum.accumulate(np.where(given, index, -1))
        return np.where(last >= 0, values[last], before)
    steps = np.cumsum(np.where(given & ~absolute, values, 0.0))
    last = np.maximum.accumulate(np.where(given & absolute, index, -1))
    # The difference of sums is exactly 0 while nothing was added, so standing still stays standing still.
    return np.where(last >= 0, values[last] + (steps - steps[last]), before + steps)

