"""Bezier curves (G5), which stay within their control points."""

import numpy as np

from models3d.formats.commands import Curve
from models3d.formats.modes import ModeRow, Rows, rows
from models3d.formats.tokens import WORDS, E, X, Y, Z


def along_hull(curve: Curve, here: tuple[float, float], filament_mm: float, modes: ModeRow) -> Rows:
    """The curve as three moves along its control points; `here` is its start in the file's coordinates."""
    absolute, absolute_e, unit_mm = modes[:3]
    words = {word: value * unit_mm for word, value in curve.words.items()}
    start = np.array(here if absolute else (0.0, 0.0))
    stay = start if absolute else np.zeros(2)
    end = np.array((words.get("X", stay[0]), words.get("Y", stay[1])))
    points = np.array(
        (
            start + (words.get("I", 0.0), words.get("J", 0.0)),
            end + (words.get("P", 0.0), words.get("Q", 0.0)),
            end,
        )
    )
    if not absolute:
        points = np.diff(points, axis=0, prepend=start[np.newaxis])
    table = np.full((len(WORDS), 3), np.nan)
    table[[X, Y]] = points.T
    table[Z, 2] = words.get("Z", np.nan)
    fed = words.get("E", np.nan)
    table[E] = np.linspace(filament_mm, fed, 4)[1:] if absolute and absolute_e else fed / 3
    return rows(np.ones(3, np.int64), table, np.array([modes] * 3, dtype=np.float64).T)
