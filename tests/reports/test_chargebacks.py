"""Each figure of the chargebacks recomputed from the lines in plain Python, and sent by schedule."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal as D
from uuid import uuid4

import pytest

from jobs.charging import closing
from jobs.charging.models import ChargeLine
from jobs.charging.rules import Kind
from jobs.charging.statements import COLUMN_OF, Party, Who
from orgs.models import Department
from reports import making, planning
from reports import setting as scheduling
from reports.builders.chargebacks import Chargebacks
from reports.periods import Period
from reports.report import Report
from reports.scope import Scope
from tests.factories.printers import make_printer

from .month import NASTY, OCTOBER, figure, made, section

NAMES = (NASTY, "Physics", "")


def is_in(line):
    return line.currency == "EUR" and OCTOBER.first <= line.day <= OCTOBER.last


@pytest.fixture
def books(acme, person):
    """400 lines from 20 September to 10 November; one department is deleted since, some are francs."""
    rng = random.Random(8)  # noqa: S311  # the same books every time
    departments = [Department.objects.create(org=acme, name=name) for name in NAMES[:2]] + [None]
    printers = [make_printer("A", tags=[]), make_printer("B")]
    jobs = [(uuid4(), f"{at} {NASTY}", rng.choice(departments)) for at in range(60)]
    rows = []
    for at in range(400):
        job, name, department = rng.choice(jobs)
        kind = rng.choice([one for one in Kind if one != Kind.MANUAL])
        rows.append(ChargeLine(
            day=date(2026, 9, 20) + timedelta(days=rng.randrange(51)), kind=kind, quantity=D(at) / 8,
            unit="g" if kind == Kind.MATERIAL else "h", unit_price=2,
            amount=D(rng.randrange(-300, 2000)) / 100, currency="CHF" if at % 23 == 0 else "EUR",
            bearer="org" if at % 9 == 0 else "department",
            department_id=department.pk if department else None,
            department_name=department.name if department else "",
            job_id=job, job_name=name, print_id=uuid4(), printer_id=rng.choice(printers).pk,
            person_id=person("viewer").pk,
        ))  # fmt: skip
    physics = departments[1]
    by_hand = {
        "kind": Kind.MANUAL, "quantity": 1, "unit": "entry", "unit_price": -7, "amount": -7,
        "currency": "EUR", "department_id": physics.pk, "department_name": "Physics",
        "reason": NASTY, "by": NASTY,
    }  # fmt: skip
    rows += [ChargeLine(day=date(2026, 10, day), **by_hand) for day in (5, 25)]
    ChargeLine.objects.bulk_create(rows)
    departments[0].delete()
    return list(ChargeLine.objects.all())


def payer(line):
    if line.bearer == "org":
        return "Borne by the organisation"
    if line.department_id is None:
        return "No department"
    return f"{NASTY} (deleted)" if line.department_name == NASTY else "Physics"


def total(lines):
    return sum((one.amount for one in lines), D(0))


def test_departments_have_the_sums_of_their_lines(books):
    report = made("chargebacks", Scope(OCTOBER))

    groups = defaultdict(list)
    for line in filter(is_in, books):
        groups[payer(line)].append(line)
    rows = {row["department"]: row for row in section(report, "department")}
    assert len(groups) == len(rows) == 4
    for name, lines in groups.items():
        assert rows[name]["total"] == total(lines)
        assert rows[name]["jobs"] == len({one.job_id for one in lines if one.job_id})
        for column in set(COLUMN_OF.values()):
            assert rows[name][column] == total(one for one in lines if COLUMN_OF[Kind(one.kind)] == column)
    paid = [one for one in books if is_in(one) and one.bearer == "department"]
    assert figure(report, "charged") == total(paid)
    assert figure(report, "borne") == total(one for one in books if is_in(one) and one.bearer == "org")
    assert total(paid) == sum(row["amount"] for row in section(report, "kind"))


def test_a_departments_jobs_and_entries_add_up_to_what_it_is_charged(books):
    physics = Department.objects.get(name="Physics")
    report = made("chargebacks", Scope(OCTOBER, department=physics))

    own = [one for one in books if is_in(one) and payer(one) == "Physics"]
    rows = section(report, "job")
    assert figure(report, "charged") == total(own) == sum(row["total"] for row in rows)
    assert rows[-1]["job"] == "Without a job"
    assert rows[-1]["total"] == -14
    [jobs] = [one for one in report.sections if one.name == "job"]
    assert jobs.totals[-1] == total(own)
    borne = [one for one in books if is_in(one) and one.bearer == "org" and one.department_id == physics.pk]
    assert figure(report, "borne") == total(borne)
    assert [row["reason"] for row in section(report, "correction")] == [NASTY, NASTY]


def test_what_is_shown_adds_up_to_the_cent(books):
    """Every row's columns make its total, and the rows make the last line."""
    physics = made("chargebacks", Scope(OCTOBER, department=Department.objects.get(name="Physics")))
    for report in (made("chargebacks", Scope(OCTOBER)), physics, statement(Who.NOBODY), statement(Who.ORG)):
        shown = next(one for one in report.sections if one.name in {"department", "job"})
        first = next(at for at, one in enumerate(shown.columns) if one.name == "material")
        for row in shown.rows:
            assert sum(row.values[first:-1]) == row.values[-1]
        for at in range(first, len(shown.columns)):
            assert sum(row.values[at] for row in shown.rows) == shown.totals[at]


def statement(who) -> Report:
    return Chargebacks(Scope(OCTOBER), Party(who, None, who)).build()


def test_francs_are_told_apart(books):
    rows = section(made("chargebacks", Scope(OCTOBER)), "currency")

    francs = [one for one in books if one.currency == "CHF" and OCTOBER.first <= one.day <= OCTOBER.last]
    assert {row["currency"] for row in rows} == {"CHF"}
    assert sum(row["total"] for row in rows) == total(francs)


def test_a_tag_narrows_to_lines_of_its_printers(books, acme):
    printer = make_printer("Tagged")
    tag = printer.tags.create(name="tagged")
    assert figure(made("chargebacks", Scope(OCTOBER, tag)), "charged") == 0


def test_a_department_gets_its_statement_by_mail_each_month(books, person):
    physics = Department.objects.get(name="Physics")
    fields = {"name": "Physics pays", "kind": "chargebacks", "every": "month", "hour": 6,
              "filters": {"department": str(physics.pk)}}  # fmt: skip
    schedule = scheduling.add(fields, [person("admin").email], person("admin"))
    run = planning.run_now(schedule, person("admin"))
    type(run).objects.filter(pk=run.pk).update(first=OCTOBER.first, last=OCTOBER.last)
    run.refresh_from_db()

    files = making.make(run)

    own = [one for one in books if is_in(one) and payer(one) == "Physics"]
    assert f"€{total(own)}" in files.html.decode()
    assert files.pdf.startswith(b"%PDF")


def test_a_statement_of_a_whole_month_says_whether_it_may_still_change(acme, person):
    def note():
        return list(Chargebacks(Scope(OCTOBER)).build().notes)

    assert note() == ["October 2026 is not closed: its figures may still change."]
    closing.close(OCTOBER.first, person("admin"))
    assert note() == ["October 2026 is closed: nothing in it changes any more."]
    week = Period(OCTOBER.first, date(2026, 10, 7), OCTOBER.zone)
    assert not Chargebacks(Scope(week)).build().notes
