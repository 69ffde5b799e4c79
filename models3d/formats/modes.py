"""How the lines of a G-code are meant, from which line on, and the moves that result."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models3d.formats import features
from models3d.formats.commands import Mark, Meaning, Mode
from models3d.formats.tokens import Flags, Floats, Ints

# Absolute, absolute E, unit in mm, printing (in the body and wanted), wanted, half a line in mm, label.
ModeRow = tuple[bool, bool, float, bool, bool, float, int]


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
    layer: int = 0
    kind: int = features.OTHER
    tool: int = 0

    def change(self, meaning: Mark | Mode) -> None:
        """Take over what a comment or command says of the lines after it."""
        if isinstance(meaning, Mark):
            self.body = self.body if meaning.body is None else meaning.body
            self.skip = self.skip if meaning.skip is None else meaning.skip
            self.flush = self.flush if meaning.flush is None else meaning.flush
            self.half_mm = self.half_mm if meaning.width_mm is None else meaning.width_mm / 2
            self.layer += meaning.layer
            self.kind = self.kind if meaning.kind is None else meaning.kind
        else:
            self.absolute = self.absolute if meaning.absolute is None else meaning.absolute
            self.absolute_e = self.absolute_e if meaning.absolute_e is None else meaning.absolute_e
            self.unit_mm = meaning.unit_mm or self.unit_mm
            self.tool = self.tool if meaning.tool is None else meaning.tool

    def row(self) -> ModeRow:
        wanted = not self.skip and not self.flush
        printing, label = self.body and wanted, features.label(self.layer, self.kind, self.tool)
        return self.absolute, self.absolute_e, self.unit_mm, printing, wanted, self.half_mm, label


@dataclass(slots=True)
class Timeline:
    """What one block changes: the modes from a line on, and the lines at which the position is set anew."""

    since: list[int]
    modes: list[ModeRow]
    breaks: list[tuple[int, Meaning, ModeRow]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rows:
    """A block's moves in order: numbers in mm, shape (7, n), and the modes each is meant in.

    `label` is its layer, kind and tool as `features.label` packs them.
    """

    commands: Ints
    words: Floats
    absolute: Flags
    absolute_e: Flags
    printing: Flags
    wanted: Flags
    half: Floats
    label: Ints

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
            self.label[cut],
        )


def rows(commands: Ints, words: Floats, modes: npt.NDArray[np.float64]) -> Rows:
    """Moves with their modes, given as a table of ModeRow by move."""
    flags = modes[[0, 1, 3, 4]] != 0
    label = modes[6].astype(np.int64)
    return Rows(commands, words, flags[0], flags[1], flags[2], flags[3], modes[5], label)
