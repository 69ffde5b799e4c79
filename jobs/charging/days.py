"""Days and months of the books. Pure."""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta, tzinfo

MONTH = re.compile(r"(20[0-9][0-9])-(0[1-9]|1[0-2])")


def day_of(at: datetime, zone: tzinfo) -> date:
    return at.astimezone(zone).date()


def month_of(day: date) -> date:
    """A month is known by its first day."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    return month_of(month + timedelta(days=31))


def last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)


def month_named(word: str) -> date | None:
    """ "2026-10" as its first day; None for what is no month of this century."""
    found = MONTH.fullmatch(word)
    return date(int(found[1]), int(found[2]), 1) if found else None


def word_of(month: date) -> str:
    return f"{month:%Y-%m}"


def booked_on(day: date, today: date, closed: Collection[date]) -> date:
    """The day on which a line about `day` counts: that day, or today once its month is closed.

    Where today's month is closed as well (the organisation has moved to a zone further west), it is the first
    day after it that is not.
    """
    if month_of(day) not in closed:
        return day
    booked = today
    while month_of(booked) in closed:
        booked = next_month(month_of(booked))
    return booked
