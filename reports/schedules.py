"""When reports are due: rhythms of days, weeks and months by an organisation's clock. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

DAY = timedelta(days=1)


class Every(models.TextChoices):
    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`every` day, week (on `weekday`, Monday 0) or month (on its `day` from 1), at the full `hour`.

    A month without that day has its report on its last one. An hour that the clocks leave out is the first
    one after it; one that comes twice is the first of the two.
    """

    every: Every
    hour: int
    zone: ZoneInfo
    weekday: int = 0
    day: int = 1

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Every time after `moment`, soonest first, in UTC, without end."""
        at = self._begun(moment.astimezone(self.zone).date() - DAY)
        while True:
            due = self._moment(at)
            if due > moment:
                yield due
            at = self._next(at)

    def next_after(self, moment: datetime) -> datetime:
        return next(self.after(moment))

    def preview(self, moment: datetime, count: int = 5) -> list[datetime]:
        """The next `count` times, by the clock on the wall."""
        return [due.astimezone(self.zone) for due in islice(self.after(moment), count)]

    def last_until(self, moment: datetime) -> datetime:
        """The last time that is not after `moment`."""
        times = self.after(moment - timedelta(days=63))
        last = next(times)
        for due in times:
            if due > moment:
                return last
            last = due
        raise AssertionError("times without end have ended")

    def covers(self, due: datetime) -> tuple[date, date]:
        """The first and last day that a report due then tells of: the day, the week or the calendar month
        that is over by then.
        """
        today = due.astimezone(self.zone).date()
        if self.every is Every.DAY:
            return today - DAY, today - DAY
        if self.every is Every.WEEK:
            return today - 7 * DAY, today - DAY
        last = today.replace(day=1) - DAY
        return last.replace(day=1), last

    def _begun(self, day: date) -> date:
        """A day at or before `day` on which a time may lie."""
        if self.every is Every.WEEK:
            return day - timedelta(days=(day.weekday() - self.weekday) % 7)
        return day.replace(day=1) if self.every is Every.MONTH else day

    def _next(self, day: date) -> date:
        if self.every is Every.MONTH:
            return (day.replace(day=1) + 32 * DAY).replace(day=1)
        return day + (7 * DAY if self.every is Every.WEEK else DAY)

    def _moment(self, day: date) -> datetime:
        if self.every is Every.MONTH:
            day = day.replace(day=min(self.day, monthrange(day.year, day.month)[1]))
        # With fold=0 an hour left out counts from before the change, which is the hour after it in UTC.
        return datetime(day.year, day.month, day.day, self.hour, tzinfo=self.zone).astimezone(UTC)
