"""What filament weighs. Pure."""

import math
from decimal import Decimal

# PLA on the usual reel, where nothing better is known: g/cm³ and mm.
USUAL_DENSITY, USUAL_DIAMETER_MM = Decimal("1.24"), Decimal("1.75")
_PI = Decimal(str(math.pi))


def mass_of(
    length_mm: Decimal, diameter_mm: Decimal = USUAL_DIAMETER_MM, density: Decimal = USUAL_DENSITY
) -> Decimal:
    """Grams of `length_mm` of filament of `density` in g/cm³."""
    return _PI * (diameter_mm / 2) ** 2 * length_mm / 1000 * density
