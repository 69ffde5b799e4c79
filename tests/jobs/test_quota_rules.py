"""Whom quotas apply to, and what a job takes of them."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from jobs.quotas.rules import Applicant, Copy, Rule, Taken, applies, is_fit, level, matching, taken

ANNA, BEN, PHYSICS, ART = uuid4(), uuid4(), uuid4(), uuid4()
VIEWER, OPERATOR, ADMIN = 10, 20, 30


def rule(who="viewer", person=None, department=None, measure="jobs", limit=10, span="week"):
    return Rule(uuid4(), who, who, person, department, measure, Decimal(limit), span)


def of(user=ANNA, role=VIEWER, own=PHYSICS, department=PHYSICS):
    return Applicant(user, role, own, department)


@pytest.mark.parametrize(
    ("one", "to", "holds"),
    [
        (rule("viewer"), of(), True),
        (rule("viewer"), of(role=OPERATOR), False),
        (rule("viewer"), of(role=None), False),
        (rule("person", person=ANNA), of(role=ADMIN), True),
        (rule("person", person=ANNA), of(user=BEN), False),
        (rule("member", department=PHYSICS), of(role=OPERATOR, department=ART), True),
        (rule("member", department=ART), of(department=ART), False),
        (rule("department", department=ART), of(role=ADMIN, department=ART), True),
        (rule("department", department=PHYSICS), of(department=None), False),
        (rule("org"), of(user=None, role=None, own=None, department=None), True),
        (rule("person"), of(user=None), False),
        (rule("department"), of(department=None), False),
        (rule("member"), of(own=None), False),
    ],
)
def test_operators_and_admins_count_only_where_a_quota_names_them_in_some_way(one, to, holds):
    assert applies(one, to) is holds


def test_all_quotas_that_match_must_hold_and_are_locked_in_one_order():
    rules = [rule("org"), rule("viewer"), rule("person", person=BEN)]

    found = matching(rules, of())

    assert [one.who for one in sorted(found, key=lambda one: one.id)] == [one.who for one in found]
    assert {one.who for one in found} == {"org", "viewer"}


@pytest.mark.parametrize(
    ("used", "wanted", "fits"), [(9, 1, True), (10, 1, False), (10, 0, True), (12, 0, True), (0, 11, False)]
)
def test_a_job_fits_up_to_the_limit_and_what_takes_nothing_always(used, wanted, fits):
    assert is_fit(rule(), Decimal(used), Decimal(wanted)) is fits


@pytest.mark.parametrize(
    ("used", "reached"), [("0", 0), ("7.99", 0), ("8", 80), ("9.99", 80), ("10", 100), ("12", 100)]
)
def test_a_quota_is_nearly_used_at_80_and_used_up_at_100_per_cent(used, reached):
    assert level(rule(), Decimal(used)) == reached


def test_a_quota_of_nothing_is_used_up():
    assert level(rule(limit=0), Decimal(0)) == 100


WAITING, PRINTING = Copy("waiting", None, None), Copy("printing", None, None)
PRINTED, CUT_OFF = Copy("completed", Decimal("9.5"), 700), Copy("cancelled", Decimal(3), 200)
UNBEGUN, FAILED = Copy("cancelled", None, None), Copy("failed", Decimal(8), 600)


@pytest.mark.parametrize(
    ("copies", "takes"),
    [
        ([WAITING, WAITING], Taken(1, Decimal(20), 1200)),
        ([PRINTED, PRINTING], Taken(1, Decimal("19.5"), 1300)),
        ([PRINTED], Taken(1, Decimal("9.5"), 700)),
        ([CUT_OFF, UNBEGUN], Taken(1, Decimal(3), 200)),
        ([UNBEGUN], Taken(0, Decimal(0), 0)),
        ([FAILED], Taken(0, Decimal(0), 0)),
        ([replace(FAILED, fault="person")], Taken(1, Decimal(8), 600)),
        ([replace(FAILED, fault="machine")], Taken(0, Decimal(0), 0)),
        ([replace(FAILED, fault="nobody")], Taken(0, Decimal(0), 0)),
        ([replace(CUT_OFF, fault="machine")], Taken(0, Decimal(0), 0)),
        ([replace(CUT_OFF, fault="person")], Taken(1, Decimal(3), 200)),
        ([FAILED, PRINTED], Taken(1, Decimal("9.5"), 700)),
        ([Copy("completed", None, 0)], Taken(1, Decimal(0), 0)),
        ([], Taken(0, Decimal(0), 0)),
    ],
    ids=str,
)  # fmt: skip
def test_what_waits_counts_as_estimated_and_what_ended_as_it_really_was(copies, takes):
    assert taken(copies, Decimal(10), 600) == takes


def test_a_rejected_job_takes_nothing_although_its_copies_wait():
    assert taken([WAITING], Decimal(10), 600, is_rejected=True) == Taken()
