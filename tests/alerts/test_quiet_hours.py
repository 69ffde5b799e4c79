"""Quiet hours against an oracle that walks minute by minute, over midnight and both nights of the clock."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.quiet_hours import LONGEST, Window, last_quiet, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
ALL = frozenset(range(7))
MINUTE = timedelta(minutes=1)
# Forward and back, by whole and half hours, at midnight, and the ends of the earth.
NIGHTS = [
    ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"), ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"), ("Australia/Lord_Howe", "2026-10-04"),
    ("America/Havana", "2026-03-08"), ("America/Havana", "2026-11-01"),
    ("Africa/Cairo", "2026-04-24"), ("Africa/Cairo", "2026-10-30"),
    ("Pacific/Kiritimati", "2026-11-25"), ("Etc/GMT+12", "2026-11-25"), ("Asia/Kathmandu", "2026-02-28"),
]  # fmt: skip


def night(start="22:00", end="07:00", days=ALL, zone=BERLIN, passes=True):
    return Window(time.fromisoformat(start), time.fromisoformat(end), frozenset(days), zone, passes)


def at(text, zone=BERLIN, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


class Oracle:
    """Which minutes of some days are quiet: each window from the first minute on whose clock shows its start
    or later, to the last one whose clock shows less than its end.
    """

    def __init__(self, windows, middle: date, days=4):
        self.begin = datetime.combine(middle, time(), UTC) - timedelta(days=days)
        count = 2 * days * 24 * 60
        self.quiet = bytearray(count)
        for one in windows:
            clocks = [
                (self.begin + n * MINUTE).astimezone(one.zone).replace(tzinfo=None) for n in range(count)
            ]
            for ahead in range(-days - 2, days + 2):
                day = middle + timedelta(days=ahead)
                if day.weekday() not in one.days:
                    continue
                begins = datetime.combine(day, one.start)
                ends = datetime.combine(day + timedelta(days=one.end <= one.start), one.end)
                first = next((n for n, clock in enumerate(clocks) if clock >= begins), count)
                last = next((n for n in range(count - 1, -1, -1) if clocks[n] < ends), -1)
                for n in range(first, last + 1):
                    self.quiet[n] = True

    def until(self, now: datetime):
        n = int((now - self.begin) / MINUTE)
        if not self.quiet[n]:
            return None
        free = self.quiet.find(0, n)
        return self.begin + free * MINUTE if free >= 0 else None


def some_window(rng: random.Random, zone: ZoneInfo) -> Window:
    start = rng.randrange(0, 24 * 60, 5)
    end = (start + rng.randrange(5, 14 * 60, 5)) % (24 * 60)
    # Often close to where clocks change.
    if rng.random() < 0.5:
        end = rng.choice([0, 30, 60, 90, 120, 130, 150, 180, 210])
        start = rng.choice([end - 600, end - 60, end - 15, end + 700]) % (24 * 60)
    days = ALL if rng.random() < 0.4 else frozenset(rng.sample(range(7), rng.randint(1, 6)))
    return Window(time(*divmod(start, 60)), time(*divmod(end, 60)), days, zone, rng.random() < 0.5)


@pytest.mark.parametrize(("zone", "day"), NIGHTS, ids=[" ".join(one) for one in NIGHTS])
def test_it_agrees_with_walking_minute_by_minute(zone, day):
    rng = random.Random(f"{zone} {day}")  # noqa: S311  # the same cases each time
    middle = date.fromisoformat(day)
    for _ in range(6):
        other = ZoneInfo(rng.choice([zone, "Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"]))
        windows = [
            some_window(rng, ZoneInfo(zone)),
            *([some_window(rng, other)] if rng.random() < 0.6 else []),
        ]
        is_critical = rng.random() < 0.3
        oracle = Oracle([one for one in windows if not (is_critical and one.critical_passes)], middle)
        for minutes in [rng.randrange(-36 * 60, 36 * 60) for _ in range(150)]:
            now = datetime.combine(middle, time(), UTC) + minutes * MINUTE

            told = quiet_until(windows, now, is_critical=is_critical)

            expected = oracle.until(now)
            # Beyond what the oracle has walked it can't say.
            if expected is not None or told is None or told - now < timedelta(days=2):
                assert told == expected, (windows, now)


def test_it_is_quiet_from_the_first_moment_to_the_last_but_not_at_the_end():
    window = night()

    assert window.ends_after(at("2026-11-25T21:59:59")) is None
    assert window.ends_after(at("2026-11-25T22:00")) == at("2026-11-26T07:00")
    assert window.ends_after(at("2026-11-26T06:59:59")) == at("2026-11-26T07:00")
    assert window.ends_after(at("2026-11-26T07:00")) is None


def test_days_are_those_on_which_it_begins():
    friday = night(days={4})

    assert friday.ends_after(at("2026-11-28T03:00")) == at("2026-11-28T07:00")
    assert friday.ends_after(at("2026-11-27T03:00")) is None


def test_the_same_hour_for_start_and_end_is_the_whole_day():
    assert night("08:00", "08:00", {2}).ends_after(at("2026-11-25T08:00")) == at("2026-11-26T08:00")


def test_in_the_night_the_clock_goes_back_half_past_two_is_over_at_its_second_time():
    window = night(end="02:30")

    for fold in (0, 1):
        assert window.ends_after(at("2026-10-25T02:15", fold=fold)) == at("2026-10-25T02:30", fold=1)
    assert window.ends_after(at("2026-10-25T02:30", fold=1)) is None


def test_in_the_night_the_clock_goes_on_an_end_that_is_left_out_is_when_it_goes_on():
    assert night(end="02:30").ends_after(at("2026-03-29T01:59")) == at("2026-03-29T03:00")


def test_both_apply_and_the_end_is_when_neither_is_quiet():
    org, own = night("22:00", "06:00"), night("05:00", "09:30")

    assert quiet_until([org, own], at("2026-11-26T03:00")) == at("2026-11-26T09:30")
    assert quiet_until([org, own], at("2026-11-26T09:30")) is None
    assert quiet_until([], at("2026-11-26T03:00")) is None


@pytest.mark.parametrize(
    ("passes", "waits"), [((True, True), False), ((True, False), True), ((False, False), True)]
)
def test_critical_passes_only_if_every_window_that_holds_says_so(passes, waits):
    windows = [night(passes=one) for one in passes]

    told = quiet_until(windows, at("2026-11-26T03:00"), is_critical=True)

    assert told == (at("2026-11-26T07:00") if waits else None)


def test_windows_that_leave_no_gap_hold_nothing_for_ever():
    windows = [night("22:00", "07:00"), night("07:00", "22:00")]
    now = at("2026-11-26T03:00")

    told = quiet_until(windows, now)

    assert told == at("2026-11-26T07:00")
    assert told - now < LONGEST


def test_the_last_quiet_is_the_night_before_or_the_one_that_is_on():
    windows = [night(), night("06:30", "08:00")]

    assert last_quiet(windows, at("2026-11-26T12:00")) == (at("2026-11-25T22:00"), at("2026-11-26T08:00"))
    assert last_quiet(windows, at("2026-11-26T02:00")) == (at("2026-11-25T22:00"), at("2026-11-26T02:00"))
    assert last_quiet([night(days={4})], at("2026-11-26T12:00")) == (
        at("2026-11-20T22:00"), at("2026-11-21T07:00"),
    )  # fmt: skip
    assert last_quiet([], at("2026-11-26T12:00")) is None
