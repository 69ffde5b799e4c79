"""Parts that several builders make of sums: names, steps of time, and charts of them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.periods import Period, Step

MOST_ROWS = 50
MOST_DOTS = 20
HOURS = tuple(f"{hour:02}" for hour in range(24))

T = TypeVar("T")


def gone_or(key: str, name: str, unknown: str) -> str:
    """A thing's name; told as deleted if it is no longer there, `unknown` if it never had a name."""
    if not name:
        return unknown
    return name if key else _("%(name)s (deleted)") % {"name": name}


def step_label(day: date, step: Step) -> str:
    """A step of a chart: "3 Mar", for weeks their Monday, "Mar 2026" for months."""
    return date_format(day, "M Y" if step is Step.MONTH else "j M")


def step_title(step: Step) -> str:
    return {Step.DAY: _("Day"), Step.WEEK: _("Week from"), Step.MONTH: _("Month")}[step]


def over_steps(
    period: Period, found: Iterable[tuple[str, T]], nothing: T
) -> tuple[list[date], list[str], list[T]]:
    """Each step of the period, its label and what was found of it, by its first day in ISO form."""
    known, days = dict(found), period.steps
    return (
        days,
        [step_label(day, period.step) for day in days],
        [known.get(day.isoformat(), nothing) for day in days],
    )


def by_week(value_of: Callable[[int, int], T]) -> list[tuple[str, list[T]]]:
    """For each weekday, Monday first, its name and `value_of(weekday from 1, hour)` of its hours."""
    return [(str(WEEKDAYS_ABBR[day]), [value_of(day + 1, hour) for hour in range(24)]) for day in range(7)]


def hundredfold(share: float | None) -> float | None:
    return None if share is None else share * 100


def cut(rows: Sequence[T], most: int = MOST_ROWS) -> tuple[Sequence[T], int]:
    """The first rows, and how many were left out."""
    return rows[:most], max(0, len(rows) - most)
