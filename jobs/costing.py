"""Money to the last digit of its currency, and what a print that was cut off has used. Pure."""

from decimal import ROUND_HALF_UP, Decimal

from ui.figures import WITHOUT_CENTS

CENT = Decimal("0.01")


def places_of(currency: str) -> int:
    """The digits after the point that a currency has: 2 for EUR, 0 for JPY."""
    return 0 if currency in WITHOUT_CENTS else 2


def rounded(amount: Decimal, currency: str) -> Decimal:
    """To the currency's own digits, halves up (away from zero), as an invoice does."""
    return amount.quantize(Decimal(1).scaleb(-places_of(currency)), ROUND_HALF_UP)


def share_used(grams: Decimal, progress: float | None, *, completed: bool) -> Decimal:
    """Grams taken by a print that ended after `progress` (0 to 1) of a plate that needs `grams`.

    A print that was cut off before the printer told any progress is taken to have used nothing.
    """
    if completed:
        return grams.quantize(CENT)
    return (grams * Decimal(str(min(1.0, max(0.0, progress or 0.0))))).quantize(CENT)
