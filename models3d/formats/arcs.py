"""How far arcs reach: the extreme points of many G2 and G3 at once."""

import numpy as np

from models3d.formats.tokens import Flags, Floats

FULL_TURN = 2 * np.pi


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
    centre = start + offset
    radius = np.hypot(offset[0], offset[1])
    first = np.arctan2(start[1] - centre[1], start[0] - centre[0])
    last = np.arctan2(end[1] - centre[1], end[0] - centre[0])
    turn = np.where(clockwise, -1.0, 1.0)
    sweep = np.mod((last - first) * turn, FULL_TURN)
    sweep[sweep < 1e-9] = FULL_TURN
    low, high = end.copy(), end.copy()
    for quarter in range(4):
        angle = quarter * np.pi / 2
        touched = np.mod((angle - first) * turn, FULL_TURN) <= sweep
        point = centre + np.array(((np.cos(angle),), (np.sin(angle),))) * radius
        low = np.where(touched, np.minimum(low, point), low)
        high = np.where(touched, np.maximum(high, point), high)
    return low, high
