"""What filament weighs, and when two are alike. Pure."""

import math
from decimal import Decimal

# PLA on the usual reel, where nothing better is known: g/cm³ and mm.
USUAL_DENSITY, USUAL_DIAMETER_MM = Decimal("1.24"), Decimal("1.75")
_PI = Decimal(str(math.pi))
# Colours farther apart than this (in RGB, of 441 at most) are not taken for the same by anybody: people and
# makers write down the colour of one spool up to 60 apart.
OTHER_COLOR = 110.0


def mass_of(
    length_mm: Decimal, diameter_mm: Decimal = USUAL_DIAMETER_MM, density: Decimal = USUAL_DENSITY
) -> Decimal:
    """Grams of `length_mm` of filament of `density` in g/cm³."""
    return _PI * (diameter_mm / 2) ** 2 * length_mm / 1000 * density


def family(material: str) -> str:
    """PLA+, "PLA Basic" and PLA-CF are PLA; what follows a plus, blank or hyphen names a variety."""
    text = material.strip().upper()
    for end in "+ -_/(":
        text = text.split(end, 1)[0]
    return text


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
