"""Lines are written once, at the end of a print, and met by counter-entries when the verdict changes."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError
from django.utils import timezone

from jobs import editing, judging
from jobs.charging import correcting
from jobs.charging.models import ChargeLine
from jobs.charging.rewriting import standing
from jobs.charging.rules import Borrowed, Kind, Unit
from jobs.judging import Finding
from jobs.models import Job, Print
from jobs.states import PrintState, Verdict
from orgs import departments
from orgs.models import Org
from tests.factories.printers import make_printer

from .charges import end_print, late, lines, make_card, make_job, reason, sums, told

FAILED = PrintState.FAILED


def test_the_documents_example_is_what_the_books_say(example):
    assert sums() == {"Physics": D("15.79"), "org": D("6.34")}
    assert len(lines(example)) == 13
    assert {one.day for one in lines(example)} == {timezone.localdate()}


def test_a_prints_costs_and_its_jobs_are_the_sums_of_its_lines(example):
    first, second = example.prints.order_by("copy")
    example.refresh_from_db()

    assert (first.material_cost, first.machine_cost, first.energy_cost) == (D("1.93"), D("6.33"), D("0.15"))
    assert first.extra_cost == D("0.50") + D("3.80") + D("1.00") + D("0.64") + D("1.44")
    assert (first.cost, second.cost) == (D("15.79"), D("6.34"))
    assert first.energy_kwh == D("0.475")
    assert example.cost == D("22.13")


def test_a_second_end_charges_nothing(shop, physics):
    make_card()
    job = shop.job()
    dispatch = shop.started()
    Job.objects.filter(pk=job.pk).update(department=physics)
    shop.wait_for(lambda status: status.outcome is not None)
    before = lines(job)

    shop.report()
    shop.report()

    assert [one.pk for one in lines(job)] == [one.pk for one in before]
    assert before
    assert {one.department_name for one in before} == {"Physics"}
    one = Print.objects.get(job=job)
    assert one.dispatch_id == dispatch.pk
    job.refresh_from_db()
    assert job.cost == sum(line.amount for line in before) == one.cost


def test_the_books_refuse_to_charge_a_print_twice(acme, revision, person):
    make_card()
    job = make_job(revision, person("viewer"))
    one = end_print(job.prints.get())

    with pytest.raises(IntegrityError):
        end_print(Print.objects.get(pk=one.pk))


def test_a_line_is_never_changed_and_never_deleted(example):
    line = lines(example)[0]
    line.amount = 0

    for change in (
        line.save, line.delete, ChargeLine.objects.all().delete,
        lambda: ChargeLine.objects.update(amount=0),
        lambda: ChargeLine.objects.bulk_update([line], ["amount"]),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            change()


def test_lines_stay_when_job_printer_department_and_person_go(example, physics, p1s, person):
    before = sums()
    departments.delete(physics)
    example.refresh_from_db()
    Job.objects.filter(pk=example.pk).update(by=None)

    editing.delete(example)

    assert sums() == before


def test_a_fault_seen_later_moves_the_failure_by_counter_entries(example):
    failed = example.prints.get(copy=2)

    judging.classify(failed, Finding(reason=reason("person")))

    assert sums() == {"Physics": D("15.79") + D("6.97")}
    counters = [one for one in lines(example) if one.counters_id]
    assert told(counters) == [(one.counters.kind, "org", -one.counters.amount) for one in counters]
    assert len(counters) == 5
    assert {one.by_hand for one in counters} == {False}
    assert all("Copy 2: failed, " in one.reason for one in counters)
    example.refresh_from_db()
    assert example.cost == D("22.76")
    failed.refresh_from_db()
    assert failed.cost == D("6.97")


def test_the_same_verdict_again_writes_nothing(example):
    first = example.prints.get(copy=1)
    judging.judge(first, Verdict.GOOD)
    judging.classify(example.prints.get(copy=2), Finding(reason=reason("machine")))

    assert len(lines(example)) == 13


def test_a_reject_goes_to_the_organisation_and_comes_back_as_it_was(example):
    first, before = example.prints.get(copy=1), sums()

    judging.judge(first, Verdict.REJECT, Finding(reason=reason("machine")))
    # Nothing is left that Physics pays: not even the fee.
    assert sums() == {"org": D("12.71") + D("6.34")}

    judging.judge(Print.objects.get(pk=first.pk), Verdict.GOOD)
    assert sums() == before
    turns = {one.turn for one in lines(example) if one.kind == Kind.MATERIAL and one.copy == 1}
    assert turns == {0, 1, 2}


def test_an_old_print_keeps_its_old_price_when_it_is_charged_anew(example, p1s, physics, art):
    type(p1s).objects.filter(pk=p1s.pk).update(rate_per_hour=99)
    before = [one.unit_price for one in standing(lines(example)) if one.kind == Kind.MACHINE]

    correcting.move(example, art, "Wrong class")

    assert [one.unit_price for one in standing(lines(example)) if one.kind == Kind.MACHINE] == before
    # Art has no surcharge of its own.
    assert sums() == {"Art": D("15.79") - D("1.44"), "org": D("6.34")}


def test_a_department_changed_while_copies_wait_moves_what_was_charged(acme, revision, person, physics, art):
    make_card()
    job = make_job(revision, person("viewer"), physics, copies=2)
    end_print(job.prints.get(copy=1))
    whole = sums()["Physics"]
    job.refresh_from_db()

    editing.edit(job, {"department_id": art.pk}, by=person("operator"))

    assert sums() == {"Art": whole}


def test_a_job_has_one_fee_with_the_first_copy_that_is_paid_for(acme, revision, person, physics):
    make_card()
    job = make_job(revision, person("viewer"), physics, copies=3)
    first, second, third = job.prints.order_by("copy")
    end_print(first, FAILED)
    end_print(second)
    end_print(third)

    fees = ChargeLine.objects.filter(kind=Kind.FEE)
    assert [(one.copy, one.amount) for one in fees] == [(2, D("1.00"))]

    judging.classify(first, Finding(reason=reason("person")))
    assert [one.copy for one in standing(fees)] == [2]

    judging.judge(second, Verdict.REJECT, Finding(reason=reason("machine")))
    assert [one.copy for one in standing(fees.all())] == [1]


@pytest.mark.parametrize(("policy", "payer"), [("department", "Physics"), ("org", "org")])
def test_the_card_says_who_pays_failures(acme, revision, person, physics, policy, payer):
    make_card(policy=policy)
    job = make_job(revision, person("viewer"), physics)
    end_print(job.prints.get(), FAILED)

    judging.classify(job.prints.get(), Finding(reason=reason("person" if policy == "org" else "machine")))

    assert set(sums()) == {payer}


def test_what_was_cancelled_is_paid_as_far_as_it_came(acme, revision, person, physics):
    make_card()
    job = make_job(revision, person("viewer"), physics)
    end_print(job.prints.get(), PrintState.CANCELLED, grams="10", seconds=600)

    kinds = {one.kind for one in lines(job)}

    assert set(sums()) == {"Physics"}
    assert Kind.FAILURE not in kinds


def test_without_a_card_filament_and_the_printers_own_price_are_charged(acme, revision, person):
    printer = make_printer("Own", rate_per_hour=D("3.60"))
    job = make_job(revision, person("viewer"))

    one = end_print(job.prints.get(), printer=printer, seconds=3600)

    assert told(lines(job)) == [("material", "department", D("1.93")), ("machine", "department", D("3.60"))]
    assert one.energy_kwh is None


def test_a_printers_own_price_comes_before_its_models(acme, revision, person):
    make_card()
    printer = make_printer("Own", model="P1S", rate_per_hour=D("3.60"))
    job = make_job(revision, person("viewer"))
    end_print(job.prints.get(), printer=printer, seconds=3600)

    [machine] = ChargeLine.objects.filter(kind=Kind.MACHINE)
    [energy] = ChargeLine.objects.filter(kind=Kind.ENERGY)
    assert (machine.unit_price, energy.quantity) == (D("3.60"), D("0.15"))


def test_yen_have_no_decimals(acme, revision, person):
    Org.objects.filter(pk=acme.pk).update(currency="JPY")
    acme.currency = "JPY"
    make_card(
        per_hour="101", fee_per_job="0", labour_per_print="0", labour_per_hour="0", watts=0, by_model=[]
    )
    job = make_job(revision, person("viewer"))
    end_print(job.prints.get(), grams="0", seconds=1800)

    assert [(one.amount, one.currency) for one in lines(job)] == [(51, "JPY"), (3, "JPY")]


def test_a_borrowed_print_is_charged_by_its_owners_prices(acme, revision, person, physics):
    make_card()
    job = make_job(revision, person("viewer"), physics)
    asked = [Borrowed(D(2), Unit.HOUR, D(3), "CHF"), Borrowed(D(1), Unit.PRINT, D("0.5"), "EUR")]

    one = end_print(job.prints.get(), grams="0", seconds=7200, borrowed=asked)

    kinds = [line.kind for line in lines(job)]
    assert Kind.MACHINE not in kinds
    assert Kind.ENERGY not in kinds
    # What is in francs has no sum with our own money.
    assert one.machine_cost == D("0.50")
    assert ChargeLine.objects.filter(currency="CHF").get().amount == D("6.00")


def test_a_print_counts_on_its_day_by_the_organisations_clock(acme, revision, person):
    make_card()
    job = make_job(revision, person("viewer"))

    end_print(job.prints.get(), at=late(2026, 9, 30, 22))

    assert {one.day for one in lines(job)} == {date(2026, 10, 1)}
