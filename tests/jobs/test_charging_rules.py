"""The arithmetic of charges: docs/chargebacks.md, recomputed."""

import re
from decimal import ROUND_HALF_UP
from decimal import Decimal as D
from pathlib import Path

import pytest

from jobs.charging import rules
from jobs.charging.days import booked_on, last_day, month_named
from jobs.charging.rules import Bearer, Borrowed, Kind, Policy, Prices, Unit

DOC = Path(__file__).parents[2] / "docs/chargebacks.md"
ROW = re.compile(
    r"^\| (\d) \| ([a-z ]+) \| ([\d.]+) (\S+) \| (?:of )?([\d.]+) \| ([\d.]+) \| ([\w ]+) \|$", re.M
)
PHYSICS = Prices("EUR", D("2.00"), 150, D("0.32"), D("0.50"), D("1.20"), D("1.00"), D(5), D(10))


def example():
    """copy, line, quantity, unit, price, amount, who pays: of the table in the document."""
    rows = ROW.findall(DOC.read_text())
    assert len(rows) == 13
    return rows


def test_the_documents_amounts_are_quantity_times_price_rounded_half_up():
    for _copy, _line, quantity, unit, price, amount, _who in example():
        exact = D(quantity) * D(price) / (100 if unit == "%" else 1)
        assert exact.quantize(D("0.01"), ROUND_HALF_UP) == D(amount)


def test_the_documents_sums_add_up_and_its_percents_are_of_them():
    rows = example()
    physics = [D(row[5]) for row in rows if row[6] == "Physics"]
    taken, fee, surcharge = sum(physics[:5]), physics[5], physics[6]

    assert D(rows[6][4]) == taken
    assert D(rows[7][4]) == taken + fee + surcharge
    said = re.search(r"Physics pays €(\d+\.\d+), the organisation bears €(\d+\.\d+)", DOC.read_text())
    assert D(said[1]) == sum(physics)
    assert D(said[2]) == sum(D(row[5]) for row in rows if row[6] == "the organisation")
    moved = re.search(r"charged €(\d+\.\d+) and 10 % of it: €(\d+\.\d+)", DOC.read_text())
    tenth = (D(moved[1]) / 10).quantize(D("0.01"), ROUND_HALF_UP)
    assert D(moved[1]) + tenth == D(moved[2])


def test_rules_give_the_documents_lines():
    first = rules.basis([(D("84.3"), D("22.90") / 1000)], 11400, PHYSICS)
    first += rules.derived(first, PHYSICS, Bearer.DEPARTMENT, is_good=True, has_fee=True)
    second = rules.basis([(D("42.15"), D("22.90") / 1000)], 5400, PHYSICS)
    second += rules.derived(second, PHYSICS, Bearer.ORG, is_good=False, has_fee=False)

    told = [(Kind(one.kind).label, one.quantity.normalize(), one.amount) for one in (*first, *second)]
    assert told == [(row[1], D(row[2]).normalize(), D(row[5])) for row in example()]


@pytest.mark.parametrize(
    ("currency", "amount"), [("EUR", "0.13"), ("JPY", "0"), ("GBP", "0.13")], ids=["cents", "none", "pence"]
)
def test_amounts_have_the_digits_of_their_currency(currency, amount):
    assert rules.line(Kind.MATERIAL, D("2.5"), Unit.GRAM, D("0.05"), currency).amount == D(amount)


def test_half_a_yen_is_rounded_up_and_back_down_the_same():
    one = rules.line(Kind.MACHINE, D("0.5"), Unit.HOUR, D(101), "JPY")

    assert one.amount == 51
    assert rules.line(Kind.MACHINE, D("-0.5"), Unit.HOUR, D(101), "JPY").amount == -51


FAILED, DONE, CANCELLED = "failed", "completed", "cancelled"


@pytest.mark.parametrize(
    ("state", "verdict", "fault", "by_fault", "by_department", "by_org"),
    [
        (DONE, "", None, "department", "department", "department"),
        (DONE, "good", None, "department", "department", "department"),
        (DONE, "reject", "machine", "org", "department", "org"),
        (DONE, "reject", "person", "department", "department", "org"),
        (FAILED, "", None, "org", "department", "org"),
        (FAILED, "", "nobody", "org", "department", "org"),
        (FAILED, "", "person", "department", "department", "org"),
        (CANCELLED, "", None, "department", "department", "department"),
        (CANCELLED, "", "person", "department", "department", "department"),
        (CANCELLED, "", "machine", "org", "department", "org"),
    ],
)
def test_who_bears_what(state, verdict, fault, by_fault, by_department, by_org):
    borne = [
        rules.bearer_of(state, verdict, fault, policy)
        for policy in (Policy.FAULT, Policy.DEPARTMENT, Policy.ORG)
    ]

    assert borne == [by_fault, by_department, by_org]


def test_a_borrowed_printer_costs_what_its_owner_asks_and_nothing_of_ours():
    asked = [Borrowed(D("2.5"), Unit.HOUR, D(3), "CHF"), Borrowed(D(40), Unit.GRAM, D("0.1"), "CHF")]

    lines = rules.basis([], 9000, PHYSICS, asked)

    assert [(one.kind, one.part, one.amount, one.currency) for one in lines] == [
        ("borrowed", 0, D("7.50"), "CHF"),
        ("borrowed", 1, D("4.00"), "CHF"),
        ("labour", 0, D("0.50"), "EUR"),
        ("labour", 1, D("3.00"), "EUR"),
    ]
    # Per cents are of what is in our own money.
    [fee, surcharge, _markup] = rules.derived(lines, PHYSICS, Bearer.DEPARTMENT, is_good=True, has_fee=True)
    assert (fee.amount, surcharge.amount) == (D("1.00"), D("0.18"))


def test_what_costs_nothing_has_no_line():
    assert rules.basis([(D(50), D(0))], 3600, Prices("EUR")) == []
    assert rules.basis([], 0, PHYSICS) == []


def test_a_rebate_takes_off():
    rebate = Prices("EUR", per_hour=D(10), markup_percent=D(-25))
    lines = rules.basis([], 3600, rebate)

    [markup] = rules.derived(lines, rebate, Bearer.DEPARTMENT, is_good=True, has_fee=True)

    assert markup.amount == D("-2.50")


def test_a_closed_month_takes_nothing_more():
    october, november = month_named("2026-10"), month_named("2026-11")
    day, today = october.replace(day=9), november.replace(day=3)

    assert booked_on(day, today, []) == day
    assert booked_on(day, today, [october]) == today
    # The organisation has moved to a zone in which it is still the month that is closed.
    assert booked_on(day, last_day(october), [october]) == november


@pytest.mark.parametrize(
    "word", ["2026-13", "2026-1", "1999-01", "2026-10-01", "", "\u0662\u0660\u0662\u0666-10"]
)
def test_what_is_no_month_is_none(word):
    assert month_named(word) is None
