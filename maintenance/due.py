"""When a task is due and when it is overdue. Pure: hours printed, days passed, and a clock given."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

HOUR_S = 3600


class Standing(models.TextChoices):
    OVERDUE = "overdue", _("overdue")
    DUE = "due", _("due soon")
    FINE = "fine", _("not due yet")


@dataclass(frozen=True, slots=True)
class Interval:
    """Due every so many print hours, every so many days, or whichever of both comes first.

    It is due soon from `warn_percent` of the hours on, and from `warn_days` before the day.
    """

    every_hours: int | None
    every_days: int | None
    warn_percent: int = 90
    warn_days: int = 3


@dataclass(frozen=True, slots=True)
class Used:
    """What passed since the task was last done."""

    printed_s: int
    days: int


def standing_of(interval: Interval, used: Used) -> Standing:
    """A task is overdue when its hours are printed, and from the day after its day on."""
    hours, days = interval.every_hours, interval.every_days
    if (hours and hours_share(hours, used) >= 1) or (days and used.days > days):
        return Standing.OVERDUE
    if hours and hours_share(hours, used) >= interval.warn_percent / 100:
        return Standing.DUE
    if days and used.days >= days - interval.warn_days:
        return Standing.DUE
    return Standing.FINE


def hours_share(every_hours: int, used: Used) -> float:
    return used.printed_s / (every_hours * HOUR_S)


def share_of(interval: Interval, used: Used) -> float:
    """How much of the interval is used up, of hours or days whichever is more: above 1 it is overdue."""
    hours = hours_share(interval.every_hours, used) if interval.every_hours else 0.0
    days = used.days / interval.every_days if interval.every_days else 0.0
    return max(hours, days)


def left_s(interval: Interval, used: Used) -> int | None:
    """Print time left in seconds, negative where it is overdue; None if hours do not count."""
    return interval.every_hours * HOUR_S - used.printed_s if interval.every_hours else None


def left_days(interval: Interval, used: Used) -> int | None:
    """Days left to its day, 0 on it, negative after it; None if days do not count."""
    return interval.every_days - used.days if interval.every_days else None


def today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def next_day(now: datetime, zone: ZoneInfo) -> datetime:
    """When the next day begins in `zone`: tasks by days are looked at then."""
    return datetime.combine(today(now, zone) + timedelta(days=1), time.min, zone)
