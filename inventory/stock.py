"""What is on the shelf, loaded, low or put away, as conditions of a query; and for how long it lasts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, Count, DecimalField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from .models import LOW_SHARE, Filament, Spool, Usage

ARCHIVED = Q(archived_at__isnull=False)
LOADED = Q(archived_at=None, slot__isnull=False)
FREE = Q(archived_at=None, slot=None)
LOW = Q(archived_at=None, used_g__gt=F("initial_g") * (1 - LOW_SHARE))

STANDS = {"loaded": LOADED, "free": FREE, "low": LOW, "archived": ARCHIVED}
# What was used in so many days says how much is used in one.
LATELY = timedelta(days=30)
_NONE = Value(Decimal(0), DecimalField(max_digits=12, decimal_places=2))
# Filaments with_stock of which too little is left.
RUNS_LOW = Q(low_g__isnull=False, left_g__lt=F("low_g"))


@dataclass(frozen=True, slots=True)
class Low:
    """A filament of which less is left than `low_g`; at `per_day_g` it lasts `days`, None if none is used."""

    filament: Filament
    left_g: Decimal
    low_g: Decimal
    per_day_g: Decimal
    days: Decimal | None


def with_left(spools: "QuerySet[Spool]") -> "QuerySet[Spool]":
    """`spools` with `grams_left`, to sort by; never below zero."""
    return spools.annotate(grams_left=Greatest(_NONE, F("initial_g") - F("used_g")))


def with_stock(filaments: "QuerySet[Filament]") -> "QuerySet[Filament]":
    """`filaments` with `kept`, their unarchived spools, and `left_g`, what is left on these."""
    kept = Q(spools__archived_at=None, spools__pk__isnull=False)
    left = Case(
        When(spools__used_g__lt=F("spools__initial_g"), then=F("spools__initial_g") - F("spools__used_g")),
        default=_NONE,
    )
    return filaments.annotate(
        kept=Count("spools", filter=kept), left_g=Coalesce(Sum(left, filter=kept), _NONE)
    )


def used_per_day(filaments: Iterable[UUID] | None = None, now: datetime | None = None) -> dict[UUID, Decimal]:
    """Grams that prints took a day of each filament, in the mean of the last month; of all, or of some.

    One query over the month's lines, which are read from an index alone.
    """
    since = (now or timezone.now()) - LATELY
    lines = Usage.objects.filter(print_id__isnull=False, at__gte=since)
    if filaments is not None:
        lines = lines.filter(spool__filament__in=list(filaments))
    sums = lines.order_by().values_list("spool__filament").annotate(grams=Sum("grams"))
    return {filament: grams / LATELY.days for filament, grams in sums}


def days_of(left_g: Decimal, per_day_g: Decimal) -> Decimal | None:
    """How long `left_g` lasts; None where nothing is used."""
    return left_g / per_day_g if per_day_g > 0 else None


def low_filaments(now: datetime | None = None) -> list[Low]:
    """The filaments that run low in the whole organisation, those that last shortest first."""
    rows = list(with_stock(Filament.objects.all()).filter(RUNS_LOW))
    rates = used_per_day([row.pk for row in rows], now) if rows else {}
    low = [_low(row, rates.get(row.pk, Decimal(0))) for row in rows]
    return sorted(low, key=lambda one: (one.days is None, one.days or one.left_g))


def count_low() -> int:
    return with_stock(Filament.objects.all()).filter(RUNS_LOW).count()


def _low(row: Filament, per_day_g: Decimal) -> Low:
    left_g: Decimal = row.left_g  # type: ignore[attr-defined]  # annotated
    return Low(row, left_g, row.low_g or Decimal(0), per_day_g, days_of(left_g, per_day_g))
