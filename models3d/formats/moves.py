"""The true box of a print: where the nozzle extrudes, and where it goes, read from the moves themselves."""

import math
from dataclasses import dataclass

import numpy as np

from models3d.formats import arcs
from models3d.formats.commands import Curve, Home, Mark, Meaning, Mode, Move, SetPosition, row, understand
from models3d.formats.curves import along_hull
from models3d.formats.metadata import LINE_PER_NOZZLE, USUAL_NOZZLE_MM, Box
from models3d.formats.modes import ModeRow, Modes, Rows, Timeline, rows
from models3d.formats.recording import Recorder
from models3d.formats.span import Span
from models3d.formats.tokens import E, Flags, Floats, Ints, Lines, X, Y, Z, split
from models3d.formats.unmarked import Unmarked

SET_E = 92
FARTHEST_MM = 1e5
LONGEST_FILAMENT_MM = 1e7
SHIFTED = "The file has the printer shift what it prints by an offset of its own; its size may be wrong."
MEMORY = 20_000
ARENA_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reach:
    """The boxes of a file. `printed` is widened by half a line; `bare` is not."""

    printed: Box | None
    bare: Box | None
    motion: Box | None
    estimated: bool
    layers: int
    fed_mm: float
    warnings: tuple[str, ...]


class MoveScan:
    """Follows the moves of one file, block by block; memory does not grow with the file.

    What prints goes to the recorder, if there is one; `finish` does not end it.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        self.recorder = recorder
        self.modes = Modes()
        self.position = [0.0, 0.0, 0.0]
        self.known = [False, False, False]
        self.offset = [0.0, 0.0, 0.0]
        self.filament = 0.0
        self.fed_mm = 0.0
        self.motion, self.bare, self.stated, self.unstated = Span(), Span(), Span(), Span()
        self.unmarked = Unmarked()
        self.marked = False
        self.layers = self.moves = self.rubbish = 0
        self.other_plane = self.shifted = False
        self._meanings: dict[bytes, Meaning] = {}
        # glibc raises its threshold for returning memory to what was freed last; without this, each block's
        # arrays are mapped and unmapped anew: 1 s of system time in 100 MB.
        np.empty(ARENA_BYTES, np.uint8)

    def feed(self, block: bytes) -> None:
        """Follow the next lines; `block` ends with a newline."""
        lines = split(block)
        timeline = self._read_unusual(block, lines)
        places = np.flatnonzero(lines.commands >= 0)
        moves, places = self._rows(lines, places, timeline)
        begin = 0
        for line, meaning, modes in timeline.breaks:
            end = int(np.searchsorted(places, line))
            self._follow(moves.part(begin, end))
            self._set_anew(meaning, modes)
            begin = end
        self._follow(moves.part(begin, len(places)))

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
            self.fed_mm,
            tuple(self._warnings(printed)),
        )

    def _warnings(self, printed: Span) -> list[str]:
        found = []
        if self.rubbish:
            many, were = ("1 move", "was") if self.rubbish == 1 else (f"{self.rubbish} moves", "were")
            found.append(f"{many} with impossible numbers {were} left out of the size.")
        if self.other_plane:
            found.append("The file draws arcs outside the bed's plane (G18 or G19); its size may be wrong.")
        if self.shifted:
            found.append(SHIFTED)
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
            elif (
                isinstance(meaning, SetPosition)
                and meaning.words
                and not {"X", "Y", "Z"} & meaning.words.keys()
            ):
                lines.commands[line] = SET_E
                lines.words[E, line] = meaning.words.get("E", math.nan)
            else:
                timeline.breaks.append((line, meaning, self.modes.row()))
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
        self.modes.change(meaning)
        if isinstance(meaning, Mark):
            self.layers += meaning.layer
            if meaning.body and not self.marked:
                self.marked = True
                if self.recorder:
                    self.recorder.restart()
        else:
            self.other_plane = self.other_plane or meaning.plane_xy is False
            self.shifted = self.shifted or meaning.shifts
        now = self.modes.row()
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
        return rows(commands, words, modes), places

    def _set_anew(self, meaning: Meaning, modes: ModeRow) -> None:
        if isinstance(meaning, Home):
            for axis in meaning.axes:
                self.known[axis] = False
                self.offset[axis] = 0.0
        elif isinstance(meaning, SetPosition):
            self._shift({word: value * modes[2] for word, value in meaning.words.items()})
        elif isinstance(meaning, Curve):
            here = (self.position[X] - self.offset[X], self.position[Y] - self.offset[Y])
            moves = along_hull(meaning, here, self.filament, modes)
            if (np.abs(moves.words) > FARTHEST_MM).any():
                self.rubbish += 1
            else:
                self._follow(moves)

    def _shift(self, words: dict[str, float]) -> None:
        """Let the position read as `words` say from now on; all 0 if they say nothing."""
        if any(abs(value) > FARTHEST_MM for word, value in words.items() if word in "XYZ"):
            self.rubbish += 1
            return
        for axis, name in enumerate("XYZ"):
            if name in words or not words:
                self.offset[axis] = self.position[axis] - words.get(name, 0.0)
        if "E" in words or not words:
            self.filament = words.get("E", 0.0)

    def _follow(self, moves: Rows) -> None:
        if len(moves.commands) == 0:
            return
        before, after, known = self._walk(moves)
        push = self._push(moves)
        moved = (before[X] != after[X]) | (before[Y] != after[Y])
        low = high = after
        bends = arcs.bends(moves.commands, moves.words, before, after)
        if bends:
            moved[bends.places] = True
            self.rubbish += int(np.isnan(bends.offset[0]).sum())
            low, high = after.copy(), after.copy()
            low[:2, bends.places], high[:2, bends.places] = bends.reach()
        if known.all():
            self.motion.add(low, high)
        else:
            self.motion.add(low[:, known], high[:, known])
        extruding = (push > 0) & known & moves.wanted & moved
        start = np.array((before[X], before[Y], after[Z]))
        low, high = np.minimum(low, start), np.maximum(high, start)
        if not self.marked:
            self.unmarked.follow(low, high, extruding, moved & known & (push <= 0))
        printed = np.flatnonzero(extruding & moves.printing)
        if len(printed):
            self._print(low.take(printed, axis=1), high.take(printed, axis=1), moves.half[printed])
        drawn = printed if self.marked else np.flatnonzero(extruding)
        if self.recorder and len(drawn):
            self.recorder.follow(moves, drawn, before, after, push, bends)

    def _walk(self, moves: Rows) -> tuple[Floats, Floats, Flags]:
        """Where each move starts and ends, both (3, n), and whether all axes are known by then."""
        count = len(moves.commands)
        after = np.empty((3, count))
        before = np.empty((3, count))
        known = np.ones(count, np.bool_)
        for axis in (X, Y, Z):
            values = moves.words[axis]
            if self.offset[axis]:
                values = np.where(moves.absolute, values + self.offset[axis], values)
            after[axis] = carried(values, moves.absolute, self.position[axis])
            before[axis, 0], before[axis, 1:] = self.position[axis], after[axis, :-1]
            if not self.known[axis]:
                known &= np.logical_or.accumulate(~np.isnan(values) & moves.absolute)
                self.known[axis] = bool((~np.isnan(values) & moves.absolute).any())
            self.position[axis] = float(after[axis, -1])
        return before, after, known

    def _push(self, moves: Rows) -> Floats:
        """Filament fed by each move, mm; negative where it is drawn back."""
        values = moves.words[E]
        setting = moves.commands == SET_E
        absolute = (moves.absolute & moves.absolute_e) | setting
        after = carried(values, absolute, self.filament)
        before = np.concatenate(([self.filament], after[:-1]))
        self.filament = float(after[-1])
        fed: Floats = np.where(absolute, values - before, values)
        fed[setting | np.isnan(fed)] = 0.0
        self.fed_mm += float(fed.sum())
        return fed

    def _print(self, low: Floats, high: Floats, half: Floats) -> None:
        self.bare.add(low, high)
        unknown = np.isnan(half)
        if unknown.any():
            self.unstated.add(low[:, unknown], high[:, unknown])
            low, high, half = low[:, ~unknown], high[:, ~unknown], half[~unknown]
        low[:2] -= half
        high[:2] += half
        self.stated.add(low, high)


def carried(values: Floats, absolute: Flags, before: float) -> Floats:
    """Positions after each step: an absolute value is it, a relative one is added, NaN stays where it was."""
    given = ~np.isnan(values)
    index = np.arange(len(values))
    if absolute.all():
        if given.all():
            return values
        last = np.maximum.accumulate(np.where(given, index, -1))
        held: Floats = np.where(last >= 0, values[last], before)
        return held
    steps = np.cumsum(np.where(given & ~absolute, values, 0.0))
    last = np.maximum.accumulate(np.where(given & absolute, index, -1))
    # The difference of sums is exactly 0 while nothing was added, so standing still stays standing still.
    positions: Floats = np.where(last >= 0, values[last] + (steps - steps[last]), before + steps)
    return positions
