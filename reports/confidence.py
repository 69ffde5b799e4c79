"""How sure a rate is: Wilson's interval, which holds for few cases and for none or all of them too."""

from math import sqrt
from typing import NamedTuple

# Of a hundred such intervals 95 hold the true rate.
Z = 1.959964


class Interval(NamedTuple):
    """Shares of 1."""

    low: float
    high: float


def wilson(hits: int, cases: int) -> Interval | None:
    """Between what the true rate lies when `hits` of `cases` were seen; None without cases.

    E. B. Wilson, Probable inference, JASA 22 (1927).
    """
    if cases <= 0:
        return None
    share, square = hits / cases, Z * Z
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    reach = Z * sqrt(share * (1 - share) / cases + square / (4 * cases * cases)) / (1 + square / cases)
    # At the ends the formula misses 0 and 1 by rounding only.
    return Interval(0.0 if hits == 0 else middle - reach, 1.0 if hits == cases else middle + reach)
