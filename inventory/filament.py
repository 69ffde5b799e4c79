"""What filament weighs, and what materials are called. Pure."""

import math
import re
from decimal import Decimal
from functools import lru_cache

# PLA on the usual reel, where nothing better is known: g/cm³ and mm.
USUAL_DENSITY, USUAL_DIAMETER_MM = Decimal("1.24"), Decimal("1.75")
# What stands between a material and its variety: PLA+, "PLA Basic", PLA-CF, PC/ABS.
_BETWEEN = re.compile(r"[+\s\-_/()]+")
_PI = Decimal(str(math.pi))


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
