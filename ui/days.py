"""Whole days by the clock on the wall, and a range of them in an address: from=2026-03-01&to=2026-03-31."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

DAY = timedelta(days=1)
YEARS = (2000, 2200)


def midnight(day: date, zone: tzinfo) -> datetime:
    """When `day` begins: the first of two midnights, and where there is none the moment the clocks change."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Days:
    """From the day `first` to the day `last`, either of which may be open."""

    first: date | None
    last: date | None

    @property
    def start(self) -> datetime | None:
        """In the zone in use."""
        return midnight(self.first, timezone.get_current_timezone()) if self.first else None

    @property
    def end(self) -> datetime | None:
        """When the last day is over."""
        return midnight(self.last + DAY, timezone.get_current_timezone()) if self.last else None

    @property
    def words(self) -> str:
        first, last = (date_format(day, "j M Y") if day else "" for day in (self.first, self.last))
        if first and last:
            return first if first == last else f"{first} – {last}"
        return _("from %(day)s") % {"day": first} if first else _("until %(day)s") % {"day": last}


def asked(query: QueryDict) -> Days | None:
    """The days that an address names; None for none, and for what is no day."""
    first, last = (_day(query.get(name, "")) for name in ("from", "to"))
    return Days(first, last) if first or last else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if YEARS[0] <= day.year <= YEARS[1] else None
