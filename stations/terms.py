"""On what terms a machine is lent: plain values, kept with each borrowed dispatch. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from orgs.working_hours import Opening
from ui.figures import WITHOUT_CENTS

CENT = Decimal("0.01")
MICRO = Decimal("0.000001")
HOUR_S = 3600
MOST = Decimal("9999999.99")

# Ranges of hours by weekday, as orgs.working_hours has them, but hashable.
Hours = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What one borrower was offered. Prices are in the owner's currency; 0 for a limit is none.

    No `materials` and no `hours` mean any. `most_grams` is for one job with all its copies.
    """

    offer: UUID
    version: int
    owner: str
    currency: str
    per_hour: Decimal = Decimal(0)
    per_gram: Decimal = Decimal(0)
    hours: Hours = ()
    zone: str = "UTC"
    materials: tuple[str, ...] = ()
    most_grams: int = 0
    prints_per_week: int = 0
    hours_per_week: int = 0
    owner_first: bool = True

    def is_open(self, now: datetime) -> bool:
        if not self.hours:
            return True
        at = now.timestamp()
        return Opening(dict(self.hours), ZoneInfo(self.zone), now, days=8).next(at) == at

    def price(self, grams: Decimal, seconds: int) -> tuple[Decimal, Decimal]:
        """What `grams` and `seconds` cost, each to the currency's own digits."""
        hours = hours_in(seconds)
        return self._rounded(grams * self.per_gram), self._rounded(hours * self.per_hour)

    def _rounded(self, amount: Decimal) -> Decimal:
        """What a file or a printer tells absurdly much of must not keep its print from ending."""
        digits = 0 if self.currency in WITHOUT_CENTS else 2
        return min(amount, MOST).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)

    def as_json(self) -> dict[str, Any]:
        """What a dispatch keeps of them."""
        return asdict(self) | {
            "offer": str(self.offer), "per_hour": str(self.per_hour), "per_gram": str(self.per_gram)
        }  # fmt: skip


def hours_in(seconds: int) -> Decimal:
    """To a millionth, as books keep quantities."""
    return (Decimal(seconds) / HOUR_S).quantize(MICRO, ROUND_HALF_UP)


def terms_in(kept: Mapping[str, Any]) -> Terms:
    """What `as_json` kept."""
    hours = hours_of(dict(kept["hours"]))
    changed = {
        "offer": UUID(kept["offer"]), "per_hour": Decimal(kept["per_hour"]),
        "per_gram": Decimal(kept["per_gram"]), "hours": hours, "materials": tuple(kept["materials"]),
    }  # fmt: skip
    return Terms(**{**kept, **changed})


def hours_of(written: Mapping[str, Any]) -> Hours:
    return tuple(
        (day, tuple((begin, end) for begin, end in ranges))
        for day, ranges in sorted(written.items())
        if ranges
    )


def week_of(now: datetime, zone: ZoneInfo) -> datetime:
    """When the week of `now` began: Monday, midnight, where the owner is."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    return datetime(monday.year, monday.month, monday.day, tzinfo=zone)


@dataclass(frozen=True, slots=True)
class Lent:
    """A lent machine's terms, what this borrower has had of it this week, and whether its owner wants it."""

    terms: Terms
    prints: int = 0
    seconds: int = 0
    owner_waits: bool = False
