"""What a print costs: its filament at the spool's own price, and the machine's hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Cost:
    material: Decimal
    machine: Decimal

    @property
    def total(self) -> Decimal:
        return self.material + self.machine


def rounded(amount: Decimal) -> Decimal:
    """To whole cents, halves up, as an invoice does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def cost_of(used: Iterable[tuple[Decimal, Decimal]], printed_s: int, rate_per_hour: Decimal) -> Cost:
    """Of a print that took (grams, price per gram) of each spool and `printed_s` on a printer."""
    material = sum((grams * price for grams, price in used), Decimal(0))
    return Cost(rounded(material), rounded(Decimal(printed_s) / 3600 * rate_per_hour))


def share_used(grams: Decimal, progress: float | None, *, completed: bool) -> Decimal:
    """Grams taken by a print that ended after `progress` (0 to 1) of a plate that needs `grams`.

    A print that was cut off before the printer told any progress is taken to have used nothing.
    """
    if completed:
        return grams.quantize(CENT)
    return (grams * Decimal(str(min(1.0, max(0.0, progress or 0.0))))).quantize(CENT)
