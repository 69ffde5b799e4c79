"""Filament is taken off a spool once for each reference."""

from decimal import Decimal
from functools import partial

from inventory.consumption import consume
from inventory.models import Usage
from tests.factories.inventory import make_spool


def test_a_repeat_with_the_same_reference_takes_nothing(acme):
    spool = make_spool()

    first = consume(spool, Decimal("12.5"), "print:0")
    second = consume(spool, Decimal(99), "print:0")

    spool.refresh_from_db()
    assert second.pk == first.pk
    assert spool.used_g == Decimal("12.50")


def test_the_ledger_adds_up_to_what_is_used_whatever_the_fractions(acme):
    spool = make_spool()

    for number in range(20):
        consume(spool, Decimal("1.005") + Decimal(number) / 1000, f"print:{number}")

    spool.refresh_from_db()
    assert spool.used_g == sum(spool.usages.values_list("grams", flat=True))


def test_what_is_left_is_never_below_zero(acme):
    spool = make_spool(initial_g=100)

    consume(spool, Decimal(130), "print:0")

    spool.refresh_from_db()
    assert spool.left_g == 0


def test_six_workers_with_one_reference_take_it_once(for_real, at_once):
    spool = make_spool()

    outcomes = at_once(*[lambda: consume(spool, Decimal(10), "print:0")] * 6)

    spool.refresh_from_db()
    assert {outcome.pk for outcome in outcomes} == {Usage.objects.get(spool=spool).pk}
    assert spool.used_g == Decimal(10)


def test_prints_that_end_together_both_count(for_real, at_once):
    spool = make_spool()

    at_once(*(partial(consume, spool, Decimal(10), f"print:{number}") for number in range(6)))

    spool.refresh_from_db()
    assert spool.used_g == Decimal(60)
