"""Stretches of whole days in an organisation's zone: presets, the time before, and steps for charts.

A day is from midnight to midnight by the clock on the wall: 23 or 25 hours where the clocks change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ui.days import DAY, midnight

LONGEST = timedelta(days=3660)
MOST_DAYS, MOST_WEEKS = 93, 106
USUAL = "30d"


class Step(StrEnum):
    """What one place of a chart stands for, as PostgreSQL's date_trunc calls it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From the day `first` to the day `last`, both whole, in `zone`. `preset` is what it was asked by."""

    first: date
    last: date
    zone: ZoneInfo
    preset: str = ""

    @property
    def start(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The moment it is over, which is no longer in it."""
        return midnight(self.last + DAY, self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As many days, right before."""
        return Period(self.first - timedelta(days=self.days), self.first - DAY, self.zone)

    @property
    def step(self) -> Step:
        """Short enough to tell something, long enough for a chart to be read."""
        if self.days <= MOST_DAYS:
            return Step.DAY
        return Step.WEEK if self.days <= 7 * MOST_WEEKS else Step.MONTH

    @property
    def steps(self) -> list[date]:
        """The first day of each step, the first one as date_trunc gives it: maybe before `first`."""
        return list(self._steps())

    def _steps(self) -> Iterator[date]:
        at = begun(self.first, self.step)
        while at <= self.last:
            yield at
            at = begun(at + {Step.DAY: DAY, Step.WEEK: 7 * DAY, Step.MONTH: 32 * DAY}[self.step], self.step)


def begun(day: date, step: Step) -> date:
    """The first day of the step that `day` is in; weeks begin on Monday."""
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step is Step.MONTH else day


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - DAY
    return last.replace(day=1), last


def _days(count: int, today: date) -> tuple[date, date]:
    return today - timedelta(days=count - 1), today


def preset(name: str, today: date, zone: ZoneInfo) -> Period:
    """One of PRESETS, up to and with `today`; KeyError for another name."""
    first, last = {
        "7d": _days(7, today),
        "30d": _days(30, today),
        "90d": _days(90, today),
        "365d": _days(365, today),
        "month": (today.replace(day=1), today),
        "last-month": _last_month(today),
        "year": (today.replace(month=1, day=1), today),
    }[name]
    return Period(first, last, zone, name)


PRESETS = ("7d", "30d", "90d", "365d", "month", "last-month", "year")
