"""Days, weeks, months and semesters in a time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from jobs.quotas.periods import period_of
from orgs.semesters import days_of, written

BERLIN = ZoneInfo("Europe/Berlin")
STARTS = [(4, 1), (10, 1)]


def local(period, zone=BERLIN):
    """Its two ends as the organisation's clock shows them."""
    return tuple(end.astimezone(zone).strftime("%Y-%m-%d %H:%M") for end in (period.start, period.end))


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("span", "moment", "ends"),
    [
        ("day", "2026-11-25T00:00", ("2026-11-25 00:00", "2026-11-26 00:00")),
        ("day", "2026-11-25T23:59", ("2026-11-25 00:00", "2026-11-26 00:00")),
        ("week", "2026-11-29T23:59", ("2026-11-23 00:00", "2026-11-30 00:00")),
        ("week", "2026-11-30T00:00", ("2026-11-30 00:00", "2026-12-07 00:00")),
        ("week", "2026-12-31T12:00", ("2026-12-28 00:00", "2027-01-04 00:00")),
        ("week", "2027-01-03T12:00", ("2026-12-28 00:00", "2027-01-04 00:00")),
        ("month", "2026-12-31T23:59", ("2026-12-01 00:00", "2027-01-01 00:00")),
        ("month", "2028-02-29T12:00", ("2028-02-01 00:00", "2028-03-01 00:00")),
        ("semester", "2026-03-31T23:59", ("2025-10-01 00:00", "2026-04-01 00:00")),
        ("semester", "2026-04-01T00:00", ("2026-04-01 00:00", "2026-10-01 00:00")),
        ("semester", "2026-12-31T12:00", ("2026-10-01 00:00", "2027-04-01 00:00")),
        ("semester", "2027-01-01T12:00", ("2026-10-01 00:00", "2027-04-01 00:00")),
    ],
)
def test_a_period_begins_and_ends_at_midnight_of_the_organisation(span, moment, ends):
    assert local(period_of(span, at(moment), BERLIN, STARTS)) == ends


@pytest.mark.parametrize(
    ("moment", "hours"),
    [("2026-03-29T12:00", 23), ("2026-10-25T12:00", 25), ("2026-06-01T12:00", 24)],
    ids=["spring", "autumn", "summer"],
)
def test_a_day_is_as_long_as_the_change_of_the_clock_makes_it(moment, hours):
    period = period_of("day", at(moment), BERLIN, STARTS)

    assert period.end - period.start == timedelta(hours=hours)


def test_the_week_of_the_change_ends_when_the_clock_shows_midnight():
    period = period_of("week", at("2026-03-28T12:00"), BERLIN, STARTS)

    assert period.end - period.start == timedelta(days=7, hours=-1)
    assert local(period) == ("2026-03-23 00:00", "2026-03-30 00:00")


def test_a_day_without_midnight_begins_with_the_leap():
    beirut = ZoneInfo("Asia/Beirut")

    period = period_of("day", at("2024-03-31T12:00", beirut), beirut, STARTS)

    assert period.start == datetime(2024, 3, 30, 22, tzinfo=UTC)
    assert period.end - period.start == timedelta(hours=23)


def test_both_hours_that_the_clock_shows_twice_are_in_the_same_day():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    days = {period_of("day", first + timedelta(hours=late), BERLIN, STARTS) for late in (0, 1)}

    assert len(days) == 1


@pytest.mark.parametrize("span", ["day", "week", "month", "semester"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"])
def test_periods_of_ten_years_follow_one_another_without_a_gap(span, zone):
    there, moment = ZoneInfo(zone), datetime(2020, 1, 1, tzinfo=UTC)

    while moment.year < 2030:
        period = period_of(span, moment, there, STARTS)
        assert period.start <= moment < period.end
        assert period_of(span, period.end, there, STARTS).start == period.end
        moment = period.end


def test_the_same_moment_is_in_another_day_elsewhere():
    moment = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)

    assert local(period_of("day", moment, BERLIN, STARTS))[0] == "2026-11-26 00:00"
    assert period_of("day", moment, UTC, STARTS).start == datetime(2026, 11, 25, tzinfo=UTC)


def test_one_start_makes_a_semester_of_a_year():
    period = period_of("semester", at("2026-02-01T00:00"), BERLIN, [(9, 1)])

    assert local(period) == ("2025-09-01 00:00", "2026-09-01 00:00")


def test_days_are_written_in_the_order_of_the_year():
    assert written(days_of(" 10-1 , 04-01;04-01")) == "04-01, 10-01"


@pytest.mark.parametrize(
    "text",
    ["", "13-01", "02-29", "04-31", "0-1", "April", "2026-04-01", "-1-1", "٠٤-٠١",
     "01-01 02-01 03-01 04-01 05-01 06-01 07-01"],
)  # fmt: skip
def test_what_is_no_day_of_every_year_is_refused(text):
    with pytest.raises(ValidationError):
        days_of(text)
