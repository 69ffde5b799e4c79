"""What filament weighs, what materials are called, and when two are alike. Pure."""

import math
import re
from decimal import Decimal
from functools import lru_cache

# PLA on the usual reel, where nothing better is known: g/cm³ and mm.
USUAL_DENSITY, USUAL_DIAMETER_MM = Decimal("1.24"), Decimal("1.75")
# What stands between a material and its variety: PLA+, "PLA Basic", PLA-CF, PC/ABS.
_BETWEEN = re.compile(r"[+\s\-_/()]+")
_PI = Decimal(str(math.pi))
# Colours farther apart than this (in RGB, of 441 at most) are not taken for the same by anybody: people and
# makers write down the colour of one spool up to 60 apart.
OTHER_COLOR = 110.0


def mass_of(
    length_mm: Decimal, diameter_mm: Decimal = USUAL_DIAMETER_MM, density: Decimal = USUAL_DENSITY
) -> Decimal:
    """Grams of `length_mm` of filament of `density` in g/cm³."""
    return _PI * (diameter_mm / 2) ** 2 * length_mm / 1000 * density


# Asked for each pair of jobs and slots; an organisation has few materials.
@lru_cache(maxsize=1000)
def plain_name(material: str) -> str:
    """`material` in capitals with hyphens between its parts: "PA6-CF Pro" is PA6-CF-PRO, PLA+ is PLA."""
    return "-".join(filter(None, _BETWEEN.split(material.upper())))


@lru_cache(maxsize=1000)
def family(material: str) -> str:
    """PLA+, "PLA Basic" and PLA-CF are PLA; what follows a plus, blank or hyphen names a variety."""
    return plain_name(material).split("-", 1)[0]


def distance(one: str, other: str) -> float:
    """Of two #RRGGBB colours in RGB; 0 where one is not known."""
    if len(one) != 7 or len(other) != 7:
        return 0.0
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs))


def differs(told: tuple[str, str], ours: tuple[str, str]) -> bool:
    """Whether the (material, colour) that a printer tells of a slot is not what we believe to be in it.

    What it does not tell differs from nothing.
    """
    if not told[0]:
        return False
    return family(told[0]) != family(ours[0]) or distance(told[1], ours[1]) > OTHER_COLOR
