"""Arcs (G2, G3), many at once: how far they reach, and the chords that draw them."""

from dataclasses import dataclass

import numpy as np

from models3d.formats.tokens import CENTRE_X, CENTRE_Y, RADIUS, Flags, Floats, Ints

FULL_TURN = 2 * np.pi
# A chord leaves its arc by at most this, but an arc has no more chords than any file needs.
CHORD_MM = 0.03
MOST_CHORDS = 96


@dataclass(frozen=True, slots=True)
class Bends:
    """The arcs among a block's moves: `places` says which moves they are; the rest has a column an arc."""

    places: Ints
    start: Floats
    end: Floats
    offset: Floats
    clockwise: Flags

    def reach(self) -> tuple[Floats, Floats]:
        return reach(self.start, self.end, self.offset, self.clockwise)

    def chords(self, which: Ints) -> tuple[Floats, Ints]:
        """The ends of the chords of the arcs `which`, shape (2, n), and how many each arc has."""
        end = self.end[:, which]
        centre, radius, first, turn, sweep = _turning(
            self.start[:, which], end, self.offset[:, which], self.clockwise[which]
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            step = 2 * np.arccos(np.clip(1 - CHORD_MM / radius, 0.0, 1.0))
            wanted = np.ceil(sweep / np.maximum(step, FULL_TURN / MOST_CHORDS))
        counts: Ints = np.where(np.isfinite(wanted), np.clip(wanted, 1, MOST_CHORDS), 1).astype(np.int64)
        owner = np.repeat(np.arange(len(which)), counts)
        last = np.cumsum(counts) - 1
        place = np.arange(len(owner)) - (last - counts + 1)[owner] + 1
        angle = first[owner] + turn[owner] * sweep[owner] * (place / counts[owner])
        points = centre[:, owner] + np.array((np.cos(angle), np.sin(angle))) * radius[owner]
        points[:, last] = end
        return points, counts


def bends(commands: Ints, words: Floats, before: Floats, after: Floats) -> Bends | None:
    """The arcs among moves given as (word, move) and positions as (axis, move); None if there is none."""
    places = np.flatnonzero((commands == 2) | (commands == 3))
    if not len(places):
        return None
    start, end, words = before[:2, places], after[:2, places], words[:, places]
    clockwise = commands[places] == 2
    offset = np.nan_to_num(words[[CENTRE_X, CENTRE_Y]])
    by_radius = ~np.isnan(words[RADIUS])
    if by_radius.any():
        offset = np.where(by_radius, centres(start, end, words[RADIUS], clockwise), offset)
    return Bends(places, start, end, offset, clockwise)


def centres(start: Floats, end: Floats, radius: Floats, clockwise: Flags) -> Floats:
    """Offsets from the start to the centre of arcs given by radius, shape (2, n); negative is the long way.

    An arc that ends where it started has no such centre: its offset is NaN.
    """
    step = end - start
    length = np.hypot(step[0], step[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        height = np.sqrt(np.maximum(0.0, radius * radius - length * length / 4))
        side = np.where(clockwise == (radius > 0), -1.0, 1.0) * height / length
        return np.array((step[0] / 2 - side * step[1], step[1] / 2 + side * step[0]))


def reach(start: Floats, end: Floats, offset: Floats, clockwise: Flags) -> tuple[Floats, Floats]:
    """The lowest and highest X and Y of each arc, both (2, n); its end is included, its start is not."""
    centre, radius, first, turn, sweep = _turning(start, end, offset, clockwise)
    low, high = end.copy(), end.copy()
    for quarter in range(4):
        angle = quarter * np.pi / 2
        touched = np.mod((angle - first) * turn, FULL_TURN) <= sweep
        point = centre + np.array(((np.cos(angle),), (np.sin(angle),))) * radius
        low = np.where(touched, np.minimum(low, point), low)
        high = np.where(touched, np.maximum(high, point), high)
    return low, high


def _turning(
    start: Floats, end: Floats, offset: Floats, clockwise: Flags
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Centre, radius, the angle it starts at, the sense (1 or -1) and the angle it sweeps."""
    centre = start + offset
    radius = np.hypot(offset[0], offset[1])
    first = np.arctan2(start[1] - centre[1], start[0] - centre[0])
    last = np.arctan2(end[1] - centre[1], end[0] - centre[0])
    turn: Floats = np.where(clockwise, -1.0, 1.0)
    sweep: Floats = np.mod((last - first) * turn, FULL_TURN)
    sweep[sweep < 1e-9] = FULL_TURN
    return centre, radius, first, turn, sweep
