"""Each figure of docs/figures.md that is a time, recomputed from the raw rows in plain Python."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from jobs.models import Event, Job, Print
from printers.models import Printer, Stretch
from reports.builders.courses import SHARES, course_of
from reports.periods import Period
from reports.scope import Scope

from .month import BERLIN, OCTOBER, grouped, in_october, made, percentile, section, seed


@pytest.fixture
def month(acme, person):
    return seed(acme, [person("viewer"), person("operator")])


def test_the_day_on_which_the_clocks_change_has_25_hours(month):
    day = Period(OCTOBER.first.replace(day=25), OCTOBER.first.replace(day=25), BERLIN)

    course = course_of(Scope(day))

    assert day.end - day.start == timedelta(hours=25)
    assert course.all.known_s == pytest.approx(4 * 25 * 3600)
    assert course.week[(7, 2)].known_s == pytest.approx(4 * 2 * 3600)
    assert course.week[(7, 3)].known_s == pytest.approx(4 * 3600)


def test_time_accuracy_is_the_median_of_prints_without_a_pause(month):
    rows = section(made("time_accuracy", month.scope), "slicer")

    paused = set(Event.objects.filter(state="paused").values_list("job", flat=True))
    kept = [
        one
        for one in month.prints
        if one.state == "completed"
        and in_october(one.ended_at)
        and one.job_id not in paused
        and 0.2 <= one.printed_s / one.estimate_s <= 5
    ]
    groups = grouped(kept, lambda one: [one.job.revision.metadata["slicer"] or "Unknown"])
    assert {row["slicer"] for row in rows} == set(groups)
    for row in rows:
        ratios = [one.printed_s / one.estimate_s for one in groups[row["slicer"]]]
        assert row["prints"] == len(ratios)
        assert row["bias"] == pytest.approx(percentile(ratios, 50) - 1)
        assert row["bias_p10"] == pytest.approx(percentile(ratios, 10) - 1)
        assert row["bias_p90"] == pytest.approx(percentile(ratios, 90) - 1)


def test_queue_times_run_from_submission_or_from_the_not_before(month):
    job = month.prints[0].job
    first = job.prints.get()
    # A later copy of a job is no start of it.
    Print.objects.create(
        job=job, copy=2, state="completed", started_at=first.ended_at, ended_at=first.ended_at
    )

    report = made("queue_times", month.scope)

    waits = defaultdict(list)
    for one in Job.objects.all():
        starts = [copy.started_at for copy in one.prints.all() if copy.started_at]
        if starts and in_october(min(starts)):
            begun = min(starts)
            since = (
                one.not_before
                if one.not_before and one.created_at < one.not_before < begun
                else one.created_at
            )
            waits[str(one.get_priority_display())].append((begun - since).total_seconds())
    rows = section(report, "priority")
    assert {row["priority"]: row["jobs"] for row in rows} == {name: len(all_) for name, all_ in waits.items()}
    for row in rows:
        assert row["median_s"] == pytest.approx(percentile(waits[row["priority"]], 50))
        assert row["p90_s"] == pytest.approx(percentile(waits[row["priority"]], 90))
        assert row["longest_s"] == pytest.approx(max(waits[row["priority"]]))


def clipped(row):
    start, end = OCTOBER.start, OCTOBER.end
    begun, done = max(row.since, start), min(row.until or end, end)
    return (begun, done) if begun < done else None


def test_utilisation_is_the_time_in_each_state_that_falls_into_the_month(month):
    now = datetime(2026, 11, 20, tzinfo=UTC)

    course = course_of(month.scope, now)

    by_printer, plates = defaultdict(Counter), Counter()
    for row in Stretch.objects.all():
        if span := clipped(row):
            seconds = (span[1] - span[0]).total_seconds()
            by_printer[str(row.printer_id or "")][SHARES[row.state]] += seconds
            plates[str(row.printer_id or "")] += seconds if row.for_plate else 0
    found = {pk: one for (pk, _name), one in course.printers.items()}
    assert set(found) == set(by_printer)
    for pk, expected in by_printer.items():
        assert found[pk].seconds == pytest.approx(expected)
        assert found[pk].plate_s == pytest.approx(plates[pk])
    assert found[""].known_s > 0
    assert Printer.objects.count() == 3


def test_hours_of_the_week_and_days_are_swept_as_minute_by_minute(month):
    course = course_of(month.scope, datetime(2026, 11, 20, tzinfo=UTC))

    week, days = defaultdict(Counter), defaultdict(Counter)
    for row in Stretch.objects.all():
        if span := clipped(row):
            at = span[0]
            while at < span[1]:
                # To the next quarter: no hour and no day ends within one.
                done = min(span[1], datetime.fromtimestamp((at.timestamp() // 900 + 1) * 900, UTC))
                local = at.astimezone(BERLIN)
                seconds = (done - at).total_seconds()
                week[(local.isoweekday(), local.hour)][SHARES[row.state]] += seconds
                days[local.date().isoformat()][SHARES[row.state]] += seconds
                at = done
    assert {place: sum(one.seconds.values()) for place, one in course.week.items()} == pytest.approx(
        {place: sum(one.values()) for place, one in week.items()}
    )
    for place, expected in week.items():
        for share, seconds in expected.items():
            assert course.week[place].of(share) == pytest.approx(seconds, abs=0.01)
    for day, expected in days.items():
        for share, seconds in expected.items():
            assert course.steps[day].of(share) == pytest.approx(seconds, abs=0.01)
