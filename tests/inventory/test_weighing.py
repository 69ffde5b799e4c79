"""Weighing corrects what is left, within what can be true."""

from decimal import Decimal
from functools import partial

import pytest

from audit.models import Entry
from inventory.consumption import consume
from inventory.models import Usage
from inventory.refusing import OutOfRange
from inventory.weighing import weigh
from tests.factories.inventory import make_spool


def test_weighing_writes_the_difference_into_the_ledger(acme):
    spool = make_spool()
    consume(spool, Decimal(100), "print:0")

    usage = weigh(spool, Decimal("850.5"))

    spool.refresh_from_db()
    assert spool.left_g == Decimal("850.50")
    assert (usage.grams, usage.kind) == (Decimal("49.50"), "weighed")
    line = Entry.objects.get(action="spool.weigh")
    assert (line.before["grams_left"], line.after["grams_left"]) == ("900.00", "850.50")


def test_a_spool_that_weighs_more_than_the_ledger_says_gets_it_back(acme):
    spool = make_spool()
    consume(spool, Decimal(300), "print:0")

    assert weigh(spool, Decimal(800)).grams == Decimal(-100)

    spool.refresh_from_db()
    assert spool.used_g == 200


def test_a_spool_used_beyond_its_end_is_set_right(acme):
    spool = make_spool(initial_g=100)
    consume(spool, Decimal(150), "print:0")

    weigh(spool, Decimal(20))

    spool.refresh_from_db()
    assert spool.left_g == 20
    assert sum(spool.usages.values_list("grams", flat=True)) == spool.used_g


@pytest.mark.parametrize("grams", ["0", "1000", "1050"], ids=["empty", "new", "a little more than new"])
def test_what_can_be_true_is_believed(acme, grams):
    spool = make_spool()

    weigh(spool, Decimal(grams))

    assert spool.left_g == Decimal(grams)


@pytest.mark.parametrize("grams", ["-0.01", "1050.01", "1e400", "NaN", "Infinity", "-Infinity"])
def test_what_can_not_be_true_is_refused_and_changes_nothing(acme, grams):
    spool = make_spool()

    with pytest.raises(OutOfRange):
        weigh(spool, Decimal(grams))

    spool.refresh_from_db()
    assert (spool.used_g, Usage.objects.count()) == (0, 0)


def test_weighing_twice_leaves_two_lines(acme):
    spool = make_spool()
    weigh(spool, Decimal(500))

    weigh(spool, Decimal(500))

    assert sorted(spool.usages.values_list("grams", flat=True)) == [0, 500]


def test_weighing_while_a_print_ends_counts_both(for_real, at_once):
    spool = make_spool()

    at_once(partial(weigh, spool, Decimal(700)), partial(consume, spool, Decimal(50), "print:0"))

    spool.refresh_from_db()
    assert sum(spool.usages.values_list("grams", flat=True)) == spool.used_g
    assert spool.left_g in (650, 700)
