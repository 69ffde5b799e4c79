"""Months are closed for good; what is corrected after that, or by hand, is another line."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from jobs import judging
from jobs.charging import closing, correcting, statements
from jobs.charging.models import ChargeLine, MonthClose
from jobs.charging.rewriting import standing
from jobs.charging.rules import Borrowed, Kind, Unit
from jobs.charging.writing import write_lent
from jobs.judging import Finding
from jobs.states import IllegalMove, PrintState, Verdict
from orgs import departments

from .charges import end_print, late, lines, make_card, make_job, reason, sums

FAILED = PrintState.FAILED


@pytest.fixture
def october(acme, revision, person, physics, p1s):
    """A job of October, which is closed; its second copy failed."""
    job = make_job(revision, person("viewer"), physics, copies=2)
    first, second = job.prints.order_by("copy")
    end_print(first, printer=p1s, at=late(2025, 10, 9, 12))
    end_print(second, FAILED, printer=p1s, at=late(2025, 10, 9, 14))
    closing.close(date(2025, 10, 1), person("admin"))
    return job


def test_late_corrections_stand_in_the_open_month_and_name_what_they_take_back(october):
    before = sums(day__lt=date(2025, 11, 1))

    judging.classify(october.prints.get(copy=2), Finding(reason=reason("person")))

    assert sums(day__lt=date(2025, 11, 1)) == before
    late_lines = ChargeLine.objects.filter(day=timezone.localdate())
    assert [one.amount for one in late_lines] == [D("-1.93"), D("1.93")]
    assert late_lines[0].counters.day == date(2025, 10, 9)


def test_a_month_is_closed_once_and_only_when_it_is_over(october, person):
    with pytest.raises(IllegalMove):
        closing.close(date(2025, 10, 1), person("admin"))
    with pytest.raises(Exception, match="not over"):
        closing.close(timezone.localdate().replace(day=1), person("admin"))

    assert MonthClose.objects.count() == 1


def test_prints_that_still_run_are_told_before_a_month_is_closed(acme, revision, person):
    job = make_job(revision, person("viewer"))
    job.prints.update(state=PrintState.PRINTING, started_at=late(2025, 10, 31, 12))

    assert closing.month_at(date(2025, 10, 1)).open_prints == 1
    assert closing.month_at(date(2025, 9, 1)).open_prints == 0


def test_a_line_is_taken_back_once(example):
    line = lines(example)[0]

    made = correcting.counter(line, "Free sample")

    assert (made.amount, made.counters_id, made.reason) == (-line.amount, line.pk, "Free sample")
    with pytest.raises(IllegalMove):
        correcting.counter(line, "again")
    with pytest.raises(IllegalMove):
        correcting.counter(made, "the other way round")
    example.refresh_from_db()
    assert example.cost == D("22.13") - line.amount


def test_what_a_person_has_taken_back_is_not_charged_again_by_itself(example, art):
    surcharge = next(one for one in lines(example) if one.kind == Kind.FAILURE)
    material = next(one for one in lines(example) if one.kind == Kind.MATERIAL and one.copy == 1)
    correcting.counter(surcharge, "A gift")
    correcting.counter(material, "A gift")

    correcting.move(example, art, "Wrong class")

    kinds = [one.kind for one in standing(lines(example)) if one.copy == 1]
    assert Kind.FAILURE not in kinds
    assert Kind.MATERIAL not in kinds
    assert Kind.MACHINE in kinds


def test_an_entry_by_hand_is_made_once_for_each_form(acme, physics):
    first = correcting.add(D("-5.00"), "Goodwill", physics)
    again = correcting.add(D("-5.00"), "Goodwill", physics, pk=first.pk)

    assert first.pk == again.pk
    assert sums() == {"Physics": D("-5.00")}


@pytest.mark.parametrize("amount", ["0", "NaN", "Infinity", "1e9", "0.001"])
def test_an_entry_is_an_amount_that_can_be_paid(acme, amount):
    with pytest.raises(Exception, match="Give an amount"):
        correcting.add(D(amount), "Why", None)


def test_a_correction_says_why(acme):
    with pytest.raises(Exception, match="Say why"):
        correcting.add(D(1), "  ", None)


def test_a_fee_that_a_person_has_taken_back_is_charged_with_no_other_copy(acme, revision, person, physics):
    make_card()
    job = make_job(revision, person("viewer"), physics, copies=3)
    first, second, third = job.prints.order_by("copy")
    end_print(first)
    correcting.counter(ChargeLine.objects.get(kind=Kind.FEE), "A gift")

    end_print(second)
    judging.judge(first, Verdict.REJECT, Finding(reason=reason("machine")))
    end_print(third)

    assert not [one for one in standing(lines(job)) if one.kind == Kind.FEE]


def test_a_job_whose_department_is_deleted_stays_with_it(example, physics):
    departments.delete(physics)

    judging.classify(example.prints.get(copy=2), Finding(reason=reason("person")))

    assert sums() == {"Physics": D("15.79") + D("6.97")}


def test_a_job_that_changed_departments_is_one_job_of_what_the_organisation_bears(
    acme, revision, person, physics, art
):
    make_card(policy="org")
    job = make_job(revision, person("viewer"), physics)
    end_print(job.prints.get(), FAILED)

    correcting.move(job, art, "asked for by Art")

    (borne,) = statements.accounts(ChargeLine.objects.all())
    assert (borne.jobs, borne.sums.total) == (1, sums()["org"])


def test_the_owner_of_a_lent_printer_has_it_in_the_books_once(acme, p1s):
    asked = [Borrowed(D(2), Unit.HOUR, D(3), "EUR"), Borrowed(D(10), Unit.GRAM, D("0.05"), "EUR")]
    print_id = uuid7()

    for _turn in range(2):
        made = write_lent(print_id, timezone.now(), p1s.pk, asked, "Rival")

    assert [one.amount for one in made] == [D("-6.00"), D("-0.50")]
    assert sums() == {"org": D("-6.50")}
