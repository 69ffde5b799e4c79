"""Quiet hours: when alerts wait, and until when. Pure: `now` is an argument, zones come with the windows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orgs.working_hours import instant

# Two windows may leave no gap between them. Nothing is held longer than this for want of one.
LONGEST = timedelta(days=8)
# A window that began two days ago on the calendar may still hold where clocks go back over midnight.
_BACK = 2
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """A span of the clock in `zone`, past midnight where `end` isn't after `start`; `days` are those on
    which it begins, Monday 0. A minute of the clock that comes twice lies in it twice; one that is left out
    in spring begins or ends it when the clocks go on.
    """

    start: time
    end: time
    days: frozenset[int]
    zone: ZoneInfo
    critical_passes: bool = True

    def span(self, day: date) -> Span:
        """From when to when (UTC) it is quiet if it begins on `day`; its days are not asked."""
        last = day if self.end > self.start else day + timedelta(days=1)
        begin = instant(day, _minutes(self.start), self.zone, fold=0)
        end = instant(last, _minutes(self.end), self.zone, fold=1)
        return datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(end, UTC)

    def spans(self, first: date, count: int) -> Iterator[Span]:
        """All that begin on one of `count` days from `first` on."""
        for ahead in range(count):
            day = first + timedelta(days=ahead)
            if day.weekday() in self.days:
                yield self.span(day)

    def ends_after(self, now: datetime) -> datetime | None:
        """When the quiet that holds at `now` ends, in UTC; None if it does not hold."""
        first = now.astimezone(self.zone).date() - timedelta(days=_BACK)
        ends = [end for begin, end in self.spans(first, _BACK + 1) if begin <= now.astimezone(UTC) < end]
        return max(ends, default=None)


def quiet_until(windows: Iterable[Window], now: datetime, *, is_critical: bool = False) -> datetime | None:
    """The first moment from `now` on at which none of `windows` holds; None if that is `now`.

    What is critical waits only for those windows that do not let it pass. Where the windows never leave a
    gap, it is the end of the one that holds now: a digest comes once a day, and nothing waits for ever.
    """
    asked = [one for one in windows if not (is_critical and one.critical_passes)]
    at, first = now.astimezone(UTC), None
    while ends := [end for one in asked if (end := one.ends_after(at)) is not None]:
        at = max(ends)
        first = first or at
        if at - now > LONGEST:
            return first
    return at if first else None


def next_quiet(windows: Iterable[Window], now: datetime) -> datetime | None:
    """When one of `windows` begins next after `now`; None if none does for a week."""
    begins = [
        begin
        for one in windows
        for begin, end in one.spans(now.astimezone(one.zone).date(), LONGEST.days)
        if now < begin < end
    ]
    return min(begins, default=None)


def last_quiet(windows: Iterable[Window], now: datetime) -> Span | None:
    """The newest stretch of quiet that has begun, up to its end or `now`; None if none did for a week."""
    spans: list[Span] = []
    for one in windows:
        first = now.astimezone(one.zone).date() - LONGEST
        spans.extend(span for span in one.spans(first, LONGEST.days + 1) if span[0] < min(span[1], now))
    if not spans:
        return None
    begin, end = max(spans, key=lambda span: span[1])
    # Those that touch it are of the same stretch, and so are those that touch these.
    for other_begin, other_end in sorted(spans, key=lambda span: span[1], reverse=True):
        if other_end >= begin:
            begin = min(begin, other_begin)
    return begin, min(end, now.astimezone(UTC))


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
