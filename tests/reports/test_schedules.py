"""When a report is due, by the organisation's clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from reports.schedules import Every, Rhythm

BERLIN, KIRITIMATI = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")


def at(text):
    return datetime.fromisoformat(text)


def told(rhythm, after, count=3):
    return [f"{due:%Y-%m-%d %H:%M %z}" for due in rhythm.preview(at(after), count)]


def test_a_daily_report_comes_at_its_hour_each_day_also_when_the_clocks_change():
    rhythm = Rhythm(Every.DAY, 6, BERLIN)

    assert told(rhythm, "2026-03-28T04:59:00+00:00") == [
        "2026-03-28 06:00 +0100",
        "2026-03-29 06:00 +0200",
        "2026-03-30 06:00 +0200",
    ]


def test_an_hour_that_the_clocks_leave_out_is_the_one_after_it():
    rhythm = Rhythm(Every.DAY, 2, BERLIN)

    assert told(rhythm, "2026-03-28T12:00:00+00:00") == [
        "2026-03-29 03:00 +0200",
        "2026-03-30 02:00 +0200",
        "2026-03-31 02:00 +0200",
    ]


def test_an_hour_that_comes_twice_has_one_report():
    rhythm = Rhythm(Every.DAY, 2, BERLIN)

    assert told(rhythm, "2026-10-24T12:00:00+00:00") == [
        "2026-10-25 02:00 +0200",
        "2026-10-26 02:00 +0100",
        "2026-10-27 02:00 +0100",
    ]


def test_the_31st_is_the_last_day_of_shorter_months_and_leap_days_count():
    rhythm = Rhythm(Every.MONTH, 7, BERLIN, day=31)

    assert [due[:10] for due in told(rhythm, "2028-01-01T00:00:00+00:00", 4)] == [
        "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30",
    ]  # fmt: skip


def test_a_weekly_report_comes_on_its_weekday_of_the_zone():
    rhythm = Rhythm(Every.WEEK, 0, KIRITIMATI, weekday=0)

    (first, *_) = rhythm.preview(at("2026-11-26T00:00:00+00:00"), 1)

    assert (first.weekday(), first.astimezone(UTC).weekday()) == (0, 6)


@pytest.mark.parametrize(
    ("rhythm", "covered"),
    [
        (Rhythm(Every.DAY, 6, BERLIN), (date(2026, 3, 1), date(2026, 3, 1))),
        (Rhythm(Every.WEEK, 6, BERLIN, weekday=0), (date(2026, 2, 23), date(2026, 3, 1))),
        (Rhythm(Every.MONTH, 6, BERLIN, day=2), (date(2026, 2, 1), date(2026, 2, 28))),
    ],
)
def test_it_tells_of_what_is_over(rhythm, covered):
    assert rhythm.covers(at("2026-03-02T05:00:00+00:00")) == covered


@pytest.mark.parametrize("every", Every)
@pytest.mark.parametrize("zone", [BERLIN, KIRITIMATI, ZoneInfo("Pacific/Pago_Pago")])
def test_the_last_time_is_the_one_right_before_the_next(every, zone):
    rhythm = Rhythm(every, 2, zone, weekday=6, day=30)
    # In UTC: Python holds an hour that comes twice for unequal to the same moment of another zone.
    times = [due.astimezone(UTC) for due in rhythm.preview(at("2026-01-01T00:00:00+00:00"), 400)]

    for one, other in zip(times, times[1:], strict=False):
        assert one < other
        assert rhythm.last_until(one) == one
        assert rhythm.next_after(one) == other
