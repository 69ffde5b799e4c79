"""When people are there: ranges of hours by weekday, in the organisation's zone. Pure."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_RANGES = 6
_RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
MIDNIGHT = 24 * 60

# Ranges of minutes since midnight, sorted and apart.
Ranges = Sequence[tuple[int, int]]


def parse(text: str) -> list[list[str]]:
    """ "8:00-12:00, 13:00-17:00" as [["08:00", "12:00"], …], sorted; ValidationError says what to write."""
    found: list[tuple[int, int]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        said = _RANGE.fullmatch(part)
        if said is None:
            raise ValidationError(_("Write ranges like 08:00-12:00, 13:00-17:00."))
        begin_h, begin_m, end_h, end_m = map(int, said.groups())
        begin, end = begin_h * 60 + begin_m, end_h * 60 + end_m
        if max(begin_m, end_m) > 59 or begin >= MIDNIGHT or end > MIDNIGHT:
            raise ValidationError(_("A day goes from 00:00 to 24:00."))
        if end <= begin:
            raise ValidationError(_("A range must end after it begins; split one over midnight in two."))
        found.append((begin, end))
    found.sort()
    if any(one[1] > other[0] for one, other in zip(found, found[1:], strict=False)):
        raise ValidationError(_("These ranges overlap."))
    if len(found) > MOST_RANGES:
        raise ValidationError(_("At most %(n)d ranges a day.") % {"n": MOST_RANGES})
    return [[_clock(begin), _clock(end)] for begin, end in found]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def written(ranges: Sequence[Sequence[str]]) -> str:
    """What `parse` read."""
    return ", ".join(f"{begin}-{end}" for begin, end in ranges)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


class Opening:
    """The working hours of one organisation from `begin` on, as seconds since 1970.

    No hours at all means always; so does the time after the `days` that were worked out.
    """

    def __init__(self, hours: Mapping[str, Any], zone: ZoneInfo, begin: datetime, days: int = 60) -> None:
        self.spans: list[tuple[float, float]] = []
        if any(hours.get(day) for day in DAYS):
            # The day before may reach into this one where the clocks are set back at midnight.
            first = begin.astimezone(zone).date() - timedelta(days=1)
            self.spans = _joined(_spans(hours, zone, first, days + 2))
        self._begins = [span[0] for span in self.spans]

    @property
    def always(self) -> bool:
        return not self.spans

    def next(self, at: float) -> float:
        """`at` if somebody is there then, else when they come next."""
        if not self.spans or at >= self.spans[-1][1]:
            return at
        before = bisect_right(self._begins, at) - 1
        if before >= 0 and at < self.spans[before][1]:
            return at
        return self.spans[before + 1][0]

    def between(self, begin: float, end: float) -> list[tuple[float, float]]:
        """The hours within a stretch of time; all of it where there are none."""
        if not self.spans:
            return [(begin, end)]
        return [(max(a, begin), min(b, end)) for a, b in self.spans if b > begin and a < end]


def _spans(hours: Mapping[str, Any], zone: ZoneInfo, first: date, days: int) -> Iterator[tuple[float, float]]:
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        for begin, end in hours.get(DAYS[day.weekday()]) or ():
            # An hour that comes twice is worked twice; one that does not exist begins when it would have.
            opens = instant(day, _minutes(begin), zone, fold=0)
            closes = instant(day, _minutes(end), zone, fold=1)
            if closes > opens:
                yield opens, closes


def instant(day: date, minutes: int, zone: ZoneInfo, fold: int) -> float:
    """Seconds since 1970 of a wall clock's time. In the gap of spring it is the moment the clocks go on."""
    ahead, minutes = divmod(minutes, MIDNIGHT)
    wall = datetime.combine(day + timedelta(days=ahead), time(minutes // 60, minutes % 60))
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment.timestamp()
    # A wall clock skips it. The two folds lie on either side of the jump, which is found between them.
    early, late = (wall.replace(tzinfo=zone, fold=side).astimezone(UTC) for side in (1, 0))
    low, high = early.timestamp(), late.timestamp()
    offset = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) / 2
        low, high = (
            (middle, high) if datetime.fromtimestamp(middle, zone).utcoffset() == offset else (low, middle)
        )
    return float(round(high))


def _joined(spans: Iterator[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found
