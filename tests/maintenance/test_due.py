"""When maintenance is due: the pure rule, and the database's answer to the same question."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maintenance import setting
from maintenance.due import (
    Interval,
    Standing,
    Used,
    left_days,
    left_s,
    next_day,
    share_of,
    standing_of,
    today,
)
from maintenance.models import Meter, Task
from maintenance.reckoning import reckoned

H = 3600
FINE, DUE, OVERDUE = Standing.FINE, Standing.DUE, Standing.OVERDUE
BY_HOURS = Interval(100, None, 90, 0)
BY_DAYS = Interval(None, 30, 90, 5)
BY_BOTH = Interval(100, 30, 90, 5)
CASES = [
    ("new", BY_HOURS, Used(0, 0), FINE),
    ("a second before the warning", BY_HOURS, Used(90 * H - 1, 0), FINE),
    ("at the warning", BY_HOURS, Used(90 * H, 0), DUE),
    ("a second before the hours", BY_HOURS, Used(100 * H - 1, 0), DUE),
    ("at the hours", BY_HOURS, Used(100 * H, 0), OVERDUE),
    ("days do not count", BY_HOURS, Used(0, 5000), FINE),
    ("before the days' warning", BY_DAYS, Used(0, 24), FINE),
    ("at the days' warning", BY_DAYS, Used(0, 25), DUE),
    ("on its day", BY_DAYS, Used(0, 30), DUE),
    ("the day after", BY_DAYS, Used(0, 31), OVERDUE),
    ("hours do not count", BY_DAYS, Used(9999 * H, 0), FINE),
    ("hours first", BY_BOTH, Used(100 * H, 1), OVERDUE),
    ("days first", BY_BOTH, Used(1, 31), OVERDUE),
    ("one of both warns", BY_BOTH, Used(91 * H, 1), DUE),
    ("never before its hours", Interval(100, None, 100, 0), Used(100 * H - 1, 0), FINE),
    ("warned from its first day on", Interval(None, 3, 90, 30), Used(0, 0), DUE),
    ("every hour", Interval(1, None, 1, 0), Used(35, 0), FINE),
    ("one per cent of an hour", Interval(1, None, 1, 0), Used(36, 0), DUE),
    ("as rare as can be", Interval(100_000, 3650, 100, 365), Used(99_999 * H, 3284), FINE),
]


@pytest.mark.parametrize(("name", "interval", "used", "standing"), CASES, ids=lambda value: str(value)[:30])
def test_rule(name, interval, used, standing):
    assert standing_of(interval, used) is standing


def test_database_answers_as_the_rule(printer, acme):
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    Meter.objects.update(printed_s=10_000 * H)
    day = today(now, acme.zone)
    for name, interval, used, _standing in CASES:
        task = setting.add(printer, {"name": name[:80], "every_hours": interval.every_hours,
            "every_days": interval.every_days, "warn_percent": interval.warn_percent,
            "warn_days": interval.warn_days}, since_on=day - timedelta(days=used.days))  # fmt: skip
        Task.objects.filter(pk=task.pk).update(since_s=10_000 * H - used.printed_s)

    found = {row.name: row for row in reckoned(now=now)}

    assert {name: found[name].standing for name in found} == {case[0]: case[3].value for case in CASES}
    for name, interval, used, _standing in CASES:
        assert (found[name].used_s, found[name].days) == (used.printed_s, used.days)
        assert found[name].share == pytest.approx(share_of(interval, used))


def test_printer_without_a_meter_has_printed_nothing(printer, task):
    made = task()
    Meter.objects.all().delete()

    assert reckoned(Task.objects.filter(pk=made.pk)).get().used_s == 0


def test_day_is_that_of_the_organisation():
    now = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)

    assert today(now, ZoneInfo("Europe/Berlin")) == date(2026, 11, 26)
    assert today(now, ZoneInfo("America/New_York")) == date(2026, 11, 25)


def test_next_day_begins_at_midnight_there_also_when_clocks_change():
    before_change = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)  # 25 October, 01:00 in Berlin

    found = next_day(before_change, ZoneInfo("Europe/Berlin"))

    assert found == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)


def test_what_is_left_is_none_where_it_does_not_count():
    used = Used(60 * H, 31)

    assert (left_s(BY_BOTH, used), left_days(BY_BOTH, used)) == (40 * H, -1)
    assert (left_s(BY_DAYS, used), left_days(BY_HOURS, used)) == (None, None)
