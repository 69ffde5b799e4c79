"""Each figure of docs/figures.md that counts prints, jobs, grams or money, recomputed from the raw rows."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest

from inventory.models import Usage
from jobs.models import Job
from reports.builders import BUILDERS
from reports.builders.sums import sums_by
from reports.confidence import wilson
from reports.periods import Period
from reports.scope import Scope

from .month import BERLIN, OCTOBER, TWICE, figure, gone, grouped, in_october, made, section, seed

ENDED = ("completed", "failed", "cancelled")


@pytest.fixture
def month(acme, person):
    return seed(acme, [person("viewer"), person("operator")])


def ended(month):
    """What failures, costs and filament count."""
    return [one for one in month.prints if one.state in ENDED and one.started_at and in_october(one.ended_at)]


def is_bad(one):
    return one.state == "failed" or one.verdict == "reject"


def is_lost(one):
    return is_bad(one) or one.state == "cancelled"


def counted(prints):
    """prints, failed, rejected, cancelled."""
    return (
        sum(one.state != "cancelled" for one in prints),
        sum(one.state == "failed" for one in prints),
        sum(one.verdict == "reject" for one in prints),
        sum(one.state == "cancelled" for one in prints),
    )


def materials(one):
    return {use["material"].upper() or "Unknown" for use in one.job.revision.plates.get().filaments}


WAYS = {
    "printer": lambda one: [gone(one)],
    "machine": lambda one: [(one.printer.model if one.printer else "") or "Unknown"],
    "material": materials,
    "model": lambda one: [one.job.revision.model.name],
    "slicer": lambda one: [one.job.revision.metadata["slicer"] or "Unknown"],
    "step": lambda one: [one.ended_at.astimezone(BERLIN).date().isoformat()],
}


@pytest.mark.parametrize("way", WAYS)
def test_failures_count_what_the_rows_say(month, way):
    rows = section(made("failure_analysis", month.scope), way)

    expected = {name: counted(prints) for name, prints in grouped(ended(month), WAYS[way]).items()}
    found = {row[way]: (row["prints"], row["failed"], row["rejected"], row["cancelled"]) for row in rows}
    assert {name: counts for name, counts in found.items() if any(counts)} == expected
    assert len(expected) > 1


def test_a_rate_has_its_interval_and_its_change_against_the_days_before(month):
    rows = section(made("failure_analysis", month.scope), "printer")
    september = [
        one
        for one in month.prints
        if one.state in ENDED
        and one.started_at
        and datetime(2026, 8, 31, tzinfo=BERLIN) <= one.ended_at < datetime(2026, 10, 1, tzinfo=BERLIN)
    ]
    before = grouped(september, WAYS["printer"])

    for row in rows:
        prints = grouped(ended(month), WAYS["printer"])[row["printer"]]
        bad, count = sum(map(is_bad, prints)), counted(prints)[0]
        assert row["rate"] == pytest.approx(bad / count)
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(wilson(bad, count))
        earlier = before[row["printer"]]
        was = sum(map(is_bad, earlier)) / counted(earlier)[0]
        assert row["change"] == pytest.approx(bad / count - was)


def test_what_was_lost_is_what_failed_rejected_and_cancelled_prints_took(month):
    report = made("failure_analysis", month.scope)

    lost = [one for one in ended(month) if is_lost(one)]
    assert figure(report, "lost_g") == sum(one.grams for one in lost)
    assert figure(report, "lost_s") == sum(one.printed_s for one in lost)
    # Money is kept in whole cents.
    assert figure(report, "lost_cost") == sum(one.cost for one in lost)


def test_reasons_are_those_that_people_chose_and_add_up_to_what_was_lost(month):
    report = made("failure_analysis", month.scope)
    rows = section(report, "reason")

    lost = [one for one in ended(month) if is_lost(one)]
    reasons = grouped(lost, lambda one: [one.reason.name if one.reason else "Not classified yet"])
    found = {row["reason"]: (row["failed"], row["rejected"], row["cancelled"], row["lost_g"]) for row in rows}
    assert found == {
        name: (*counted(prints)[1:], sum(one.grams for one in prints)) for name, prints in reasons.items()
    }
    assert sum(row["share"] for row in rows) == pytest.approx(1)
    assert sum(row["lost_s"] for row in rows) == figure(report, "lost_s")
    assert sum(row["lost_cost"] for row in rows) == figure(report, "lost_cost")


def test_an_hour_that_comes_twice_holds_the_prints_of_both(month):
    rows = section(made("failure_analysis", month.scope), "hour")

    hours = Counter(
        (one.ended_at.astimezone(BERLIN).isoweekday(), one.ended_at.astimezone(BERLIN).hour)
        for one in ended(month)
        if one.state != "cancelled"
    )
    assert sum(row["prints"] for row in rows) == sum(hours.values())
    at_two = next(row for row in rows if row["weekday"] == "Sun" and row["hour"] == "02")
    assert at_two["prints"] + at_two["cancelled"] >= len(TWICE)
    assert at_two["prints"] == hours[(7, 2)]


@pytest.mark.parametrize("tagged", [False, True])
def test_tags_and_departments_narrow_what_is_counted(month, tagged):
    scope = Scope(OCTOBER, month.tag if tagged else None, None if tagged else month.departments[0])

    [found] = sums_by(scope, ())["all"]

    def is_in(one):
        if tagged:
            return one.printer is not None and month.tag in one.printer.tags.all()
        return one.job.department == month.departments[0]

    kept = [one for one in ended(month) if is_in(one)]
    assert (found.prints, found.failed, found.rejected, found.cancelled) == counted(kept)
    assert 0 < len(kept) < len(ended(month))


def test_costs_add_up_by_department_person_printer_and_day(month):
    report = made("costs", month.scope)
    prints = ended(month)

    def cost(group):
        return sum((one.cost for one in group), Decimal(0))

    ways = {
        "department": lambda one: [one.job.department.name if one.job.department else "No department"],
        "person": lambda one: [one.job.by.name if one.job.by else "Nobody"],
        "printer": WAYS["printer"],
        "model": WAYS["model"],
        "step": WAYS["step"],
    }
    for way, key in ways.items():
        expected = {name: cost(group) for name, group in grouped(prints, key).items()}
        assert {row[way]: row["cost"] for row in section(report, way) if row["cost"]} == expected, way
    assert figure(report, "cost") == cost(prints)
    for name in ("energy_kwh", "energy_cost", "extra_cost"):
        whole = sum(getattr(one, name) or 0 for one in prints)
        if name != "energy_kwh":
            assert figure(report, name) == whole
        assert sum(row[name] for row in section(report, "person")) == whole
    assert "Person 7f3a" in {row["person"] for row in section(report, "person")}
    good = sum(one.state == "completed" and not one.verdict for one in prints)
    assert figure(report, "cost_each") == (cost(prints) / good).quantize(Decimal("0.01"))


def test_own_costs_are_of_ones_own_jobs_alone(month):
    report = made("own_costs", Scope(OCTOBER, person=month.people[0].pk))

    own = [one for one in ended(month) if one.job.by_id == month.people[0].pk]
    assert figure(report, "cost") == sum(one.cost for one in own)
    assert {one.name for one in report.sections} == {"step", "model"}


def test_filament_is_told_by_material_off_spools_and_the_rest(month):
    report = made("filament_consumption", month.scope)

    prints = {one.pk: one for one in ended(month)}
    off, lost = Counter(), Counter()
    for usage in Usage.objects.filter(print_id__in=prints).select_related("spool__filament"):
        name = usage.spool.filament.material.upper()
        off[name] += usage.grams
        lost[name] += usage.grams if is_lost(prints[usage.print_id]) else 0
    whole = sum(one.grams for one in prints.values())
    off["Off no spool of ours"] = whole - sum(off.values())
    rows = section(report, "material")
    assert {row["material"]: row["grams"] for row in rows} == off
    assert {row["material"]: row["lost_g"] for row in rows if row["spools"]} == lost
    assert figure(report, "grams") == whole


def test_jobs_count_where_they_came_and_where_they_ended(month):
    report = made("job_summary", month.scope)

    jobs = list(Job.objects.select_related("department"))
    over = [one for one in jobs if in_october(one.ended_at)]
    assert figure(report, "came") == sum(in_october(one.created_at) for one in jobs)
    assert figure(report, "completed") == sum(one.state == "completed" for one in over)
    assert figure(report, "copies") == sum(one.copies_done for one in over)
    expected = Counter(one.department.name if one.department else "No department" for one in over)
    assert {row["department"]: row["jobs"] for row in section(report, "department")} == expected
    days = Counter(one.ended_at.astimezone(BERLIN).date().isoformat() for one in over)
    assert {row["step"]: row["jobs"] for row in section(report, "step") if row["jobs"]} == days


@pytest.mark.parametrize("kind", BUILDERS)
def test_days_without_anything_make_an_empty_report(month, kind):
    empty = Period(OCTOBER.first.replace(year=2020), OCTOBER.last.replace(year=2020), BERLIN)

    report = made(kind, Scope(empty, person=month.people[0].pk if kind == "own_costs" else None))

    assert all(not one.value for one in report.figures)
    assert {one.name for one in report.sections}
