"""Days, ISO weeks, months and semesters in a time zone, as moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from django.db import models
from django.utils.translation import gettext_lazy as _


class Span(models.TextChoices):
    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    SEMESTER = "semester", _("semester")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until just before `end`, both in UTC."""

    start: datetime
    end: datetime


def period_of(span: str, at: datetime, zone: tzinfo, semesters: Sequence[tuple[int, int]]) -> Period:
    """The period that holds at `at`: it begins and ends at midnight in `zone`.

    `semesters` are the (month, day) on which they begin, at least one.
    """
    today = at.astimezone(zone).date()
    first, last = _days(span, today, semesters)
    return Period(_midnight(first, zone), _midnight(last, zone))


def _days(span: str, today: date, semesters: Sequence[tuple[int, int]]) -> tuple[date, date]:
    """The first day of the period, and of the next one."""
    if span == Span.DAY:
        return today, today + timedelta(days=1)
    if span == Span.WEEK:
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=7)
    if span == Span.MONTH:
        first = today.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1)
    return _semester(today, semesters)


def _semester(today: date, semesters: Sequence[tuple[int, int]]) -> tuple[date, date]:
    starts = sorted(
        date(year, month, day) for year in range(today.year - 1, today.year + 2) for month, day in semesters
    )
    begun = max(start for start in starts if start <= today)
    return begun, min(start for start in starts if start > today)


def _midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of `day`: where the clock leaps over midnight, the moment of the leap."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
