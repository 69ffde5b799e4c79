"""A borrowed print is in both organisations' chargebacks, at its owner's prices and once."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models import Sum

from jobs.charging.rules import Bearer, Kind, line
from jobs.lending import ledger, offers
from jobs.lending.ending import asked_by
from jobs.models import ChargeLine, GuestPrint, LedgerLine, Print
from orgs.models import Org
from printers.adding import delete
from stations.models import Charge


def amount_of(kind: str, currency: str = "EUR") -> Decimal:
    return ChargeLine.objects.filter(kind=kind, currency=currency).aggregate(sum=Sum("amount"))["sum"] or 0


def test_the_borrower_pays_what_the_owner_earns_and_no_machine_hour_of_its_own(loan):
    loan.lend()
    job = loan.job()
    loan.ended()
    charged = Charge.objects.get().amount

    assert charged > 0
    assert amount_of(Kind.LENT) == -charged
    assert set(ChargeLine.objects.values_list("bearer", "job_id")) == {(Bearer.ORG, None)}
    with loan.there():
        assert amount_of(Kind.BORROWED) == charged
        assert not ChargeLine.objects.filter(kind__in=[Kind.MACHINE, Kind.ENERGY, Kind.MATERIAL]).exists()
        assert loan.row(job).cost == charged == -LedgerLine.objects.get().amount
        assert Print.objects.get(job=job).machine_cost == charged


def test_a_correction_is_in_both_books_when_the_printer_is_gone_too(loan):
    loan.lend()
    loan.job()
    loan.ended()
    offers.withdraw(loan.shop.printer)
    delete(loan.shop.printer)

    ledger.correct(GuestPrint.objects.get(), Decimal("-0.05"), "first layer")

    ours = ChargeLine.objects.order_by("pk").last()
    with loan.there():
        theirs = ChargeLine.objects.order_by("pk").last()
    assert (ours.amount, theirs.amount) == (Decimal("0.05"), Decimal("-0.05"))


def test_a_correction_is_in_both_books_and_in_the_cost_of_the_job(loan):
    loan.lend()
    job = loan.job()
    loan.ended()
    charged = Charge.objects.get().amount

    ledger.correct(GuestPrint.objects.get(), Decimal("-0.05"), "first layer")
    ledger.correct(GuestPrint.objects.get(), Decimal("-0.02"), "and more")

    assert amount_of(Kind.LENT) == -(charged - Decimal("0.07"))
    with loan.there():
        assert amount_of(Kind.BORROWED) == charged - Decimal("0.07")
        assert loan.row(job).cost == charged - Decimal("0.07")


def test_what_another_currency_costs_is_no_cost_in_ours(loan):
    Org.objects.filter(pk=loan.borrower.pk).update(currency="CHF")
    loan.lend()
    job = loan.job()
    loan.ended()

    assert loan.row(job).cost is None
    with loan.there():
        assert amount_of(Kind.BORROWED, "EUR") == Charge.objects.get().amount


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_lines_come_to_what_the_terms_say(loan, currency):
    rng = random.Random(7)  # noqa: S311  # dice of a test
    offer = loan.lend(per_hour=Decimal("3.33"), per_gram=Decimal("0.0333"))
    terms = replace(offer.terms(), currency=currency)
    for _round in range(200):
        grams, seconds = Decimal(rng.randrange(0, 500_000)) / 100, rng.randrange(0, 400_000)
        asked = asked_by(terms, grams, seconds)
        lines = [line(Kind.BORROWED, one.quantity, one.unit, one.unit_price, one.currency) for one in asked]

        assert tuple(one.amount for one in lines) == terms.price(grams, seconds)
