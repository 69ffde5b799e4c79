"""The two ledgers mirror each other, whatever was printed and corrected."""

import random
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from jobs.lending import ledger
from jobs.models import GuestPrint, LedgerLine
from orgs.models import Org
from stations.models import Charge, Dispatch
from stations.terms import CENT


def lines():
    return list(
        LedgerLine.objects.order_by("charge_id").values_list("charge_id", "amount", "currency", "grams")
    )


def guest_of(loan, offer, rng):
    """A borrowed print that has ended and was charged, on terms of its own."""
    terms = offer.terms()
    dispatch = Dispatch.objects.create(
        station_id=loan.shop.printer.pk, org=loan.borrower, print_id=uuid4(), sha256="0" * 64, size=9,
        start_id="9", state="ended", offer=offer, offer_version=offer.version, terms=terms.as_json(),
    )  # fmt: skip
    grams = Decimal(rng.randrange(0, 500_000)) / 100
    with loan.there():
        job = loan.job()
        ledger.charge_print(loan.shop.station, dispatch, grams, rng.randrange(0, 400_000), job.pk)
    return GuestPrint.objects.create(
        dispatch_id=dispatch.pk, printer=loan.shop.printer, printer_name="Voron 1",
        borrower_id=loan.borrower.pk, borrower_name="Rival", size=9,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_random_prints_and_corrections_come_to_nothing_over_both_schemas(loan, seed):
    rng = random.Random(seed)  # noqa: S311  # dice of a test
    for _print in range(8):
        prices = {
            "per_hour": Decimal(rng.randrange(0, 9999)) / 100,
            "per_gram": Decimal(rng.randrange(0, 9999)) / 10_000,
        }
        guest = guest_of(loan, loan.lend(**prices), rng)
        for _correction in range(rng.randrange(3)):
            amount = Decimal(rng.choice([-1, 1]) * rng.randrange(1, 5000)) / 100
            ledger.correct(guest, amount, "because")

    ours = lines()
    with loan.there():
        theirs = lines()

    assert [(pk, -amount, *rest) for pk, amount, *rest in ours] == [tuple(one) for one in theirs]
    assert sum(amount for _pk, amount, *_rest in ours + theirs) == 0
    assert {pk for pk, *_rest in ours} == set(Charge.objects.values_list("pk", flat=True))
    assert all(amount == amount.quantize(CENT) for _pk, amount, *_rest in ours)


def test_the_id_of_another_charge_takes_no_correction_away(loan):
    first, second = (guest_of(loan, loan.lend(), random.Random(seed)) for seed in (1, 2))  # noqa: S311
    printed = Charge.objects.get(dispatch=first.dispatch_id)
    known = ledger.correct(first, Decimal(1), "once", uuid4())

    again = ledger.correct(first, Decimal(1), "once", known.pk)
    others = [ledger.correct(second, Decimal(1), "because", pk) for pk in (known.pk, printed.pk)]
    other = ledger.correct(first, Decimal(1), "because", printed.pk)

    assert again == known
    assert len({known.pk, printed.pk, other.pk, *(one.pk for one in others)}) == 5
    assert LedgerLine.objects.filter(kind="correction").count() == 4


def test_a_print_is_charged_once_and_a_line_is_written_once(loan):
    guest = guest_of(loan, loan.lend(), random.Random(1))  # noqa: S311  # dice of a test
    charge = Charge.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.create(dispatch_id=guest.dispatch_id, grams=1, seconds=1, amount=1, currency="EUR")
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerLine.objects.create(
            charge_id=charge.pk, dispatch_id=guest.dispatch_id, kind="print", other_id=uuid4(), amount=1,
            at=charge.at,
        )  # fmt: skip


@pytest.mark.parametrize("amount", ["0", "0.001", "-0.004", "NaN", "Infinity", "1000001"])
def test_a_correction_of_nothing_or_of_nonsense_is_refused(loan, amount):
    guest = guest_of(loan, loan.lend(), random.Random(1))  # noqa: S311  # dice of a test

    with pytest.raises(ledger.CannotCorrect):
        ledger.correct(guest, Decimal(amount), "because")

    assert Charge.objects.count() == 1


def test_a_print_in_another_currency_has_its_cost_in_the_ledger_alone(loan):
    Org.objects.filter(pk=loan.borrower.pk).update(currency="CHF")
    loan.lend()
    job = loan.job()

    loan.ended()

    assert loan.row(job).cost is None
    with loan.there():
        assert LedgerLine.objects.get().currency == "EUR"
