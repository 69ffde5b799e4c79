"""On what terms a lent printer takes a print: the pure rule, and the limits as they are counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import ahead, by_hand, heating, planning, starting
from jobs.gates import Needs
from jobs.lending import lent, offers
from jobs.lending.saying import lent_text, terms_text
from jobs.loading import FilamentNeed
from jobs.models import Job
from models3d.models import Revision
from orgs.models import Due, Org
from printers.models import Printer
from stations.models import Dispatch, DispatchState, Offer, OfferOrg, Station
from stations.terms import Lent, Terms, hours_of, terms_in, week_of
from tests.factories.printers import make_printer

MONDAY_10 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TERMS = Terms(offer=uuid4(), version=1, owner="Acme", currency="EUR", owner_first=False)


def needs(material="PLA", grams=10.0, job_grams=0.0):
    return Needs("gcode", filaments=(FilamentNeed(0, material, grams),), job_grams=job_grams)


def test_without_limits_everything_is_lent():
    assert terms_text(TERMS, needs()) == ""
    assert lent_text(Lent(TERMS), MONDAY_10) == ""


@pytest.mark.parametrize(("material", "may"), [("PLA", True), ("pla", True), ("PETG", False), ("", False)])
def test_only_the_materials_that_are_named_are_lent_for(material, may):
    said = terms_text(replace(TERMS, materials=("PLA",)), needs(material))

    assert (said == "") == may
    assert may or "PLA only" in said


def test_the_most_grams_count_all_copies_of_the_job():
    terms = replace(TERMS, most_grams=50)

    assert terms_text(terms, needs(grams=10, job_grams=50)) == ""
    assert "50 g" in terms_text(terms, needs(grams=10, job_grams=60))
    assert "50 g" in terms_text(terms, needs(grams=60))


def test_the_hours_are_the_owners():
    terms = replace(TERMS, hours=hours_of({"mon": [["10:00", "12:00"]]}), zone="Europe/Berlin")

    assert lent_text(Lent(terms), MONDAY_10) == ""
    assert "hour" in lent_text(Lent(terms), MONDAY_10.replace(hour=8))
    assert "hour" in lent_text(Lent(replace(terms, zone="America/New_York")), MONDAY_10)


def test_what_is_used_up_this_week_is_not_lent_any_more():
    assert "2 prints" in lent_text(Lent(replace(TERMS, prints_per_week=2), prints=2), MONDAY_10)
    assert lent_text(Lent(replace(TERMS, prints_per_week=2), prints=1), MONDAY_10) == ""
    assert "3 hours" in lent_text(Lent(replace(TERMS, hours_per_week=3), seconds=3 * 3600), MONDAY_10)


def test_the_owners_waiting_job_goes_first():
    assert "Acme" in lent_text(Lent(TERMS, owner_waits=True), MONDAY_10)


def test_the_week_begins_on_monday_where_the_owner_is():
    began = week_of(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin"))

    assert began.isoformat() == "2026-11-23T00:00:00+01:00"


def test_terms_come_back_as_they_were_kept():
    terms = replace(
        TERMS,
        per_gram=Decimal("0.0375"),
        hours=hours_of({"mon": [["10:00", "12:00"]]}),
        materials=("PLA", "PETG"),
    )

    assert terms_in(terms.as_json()) == terms


def test_prices_are_to_the_cent_halves_up():
    terms = replace(TERMS, per_gram=Decimal("0.0375"), per_hour=Decimal("3.00"))

    assert terms.price(Decimal("12.20"), 5400) == (Decimal("0.46"), Decimal("4.50"))


def test_a_job_beyond_the_terms_waits_with_the_reason(loan):
    loan.lend(most_grams=20)
    job = loan.job(copies=2)

    assert loan.planned() is None

    assert "at most 20 g" in loan.row(job).why_not


def test_an_organisation_may_have_limits_of_its_own(loan):
    offer = loan.lend(most_grams=20)
    OfferOrg.objects.create(offer=offer, org=loan.borrower, most_grams=100)
    loan.job(copies=2)

    assert loan.planned() is not None


def test_the_owners_own_job_goes_first_where_the_offer_says_so(loan):
    loan.lend(owner_first=True)
    loan.shop.job()
    loan.job()

    assert loan.planned() is None

    Job.objects.update(state="cancelled")
    assert loan.planned() is not None


def test_the_prints_of_a_week_are_counted_and_then_none_more_is_planned(loan):
    loan.lend(prints_per_week=1)
    loan.job()
    first = loan.ended()
    loan.shop.clear_plate()
    loan.job()

    again = loan.planned()

    assert again == first
    assert Dispatch.objects.filter(state=DispatchState.ENDED).count() == 1


def test_offers_are_seen_only_by_whom_they_are_made_to(loan, acme):
    offer = loan.lend(to_all=False)
    assert not Offer.objects.to(loan.borrower).exists()

    OfferOrg.objects.create(offer=offer, org=loan.borrower)

    assert Offer.objects.to(loan.borrower).get() == offer
    assert not Offer.objects.to(acme).exists()
    assert not Offer.objects.by(loan.borrower).exists()
    Org.objects.filter(pk=acme.pk).update(state=Org.State.ARCHIVED)
    assert not Offer.objects.to(loan.borrower).exists()


def test_a_lent_printer_out_of_service_is_none(loan):
    loan.lend()
    Printer.objects.update(out_of_service_reason="belt")
    loan.job()

    assert loan.planned() is None


@pytest.mark.parametrize("owner_first", [True, False])
def test_a_file_goes_ahead_only_where_the_owners_jobs_do_not_go_first(loan, owner_first):
    loan.lend(owner_first=owner_first)
    Station.objects.update(plate="occupied")
    loan.job()

    assert (loan.planned() is None) == owner_first


def test_a_file_that_waits_on_a_lent_printer_starts_once_its_plate_is_clear(loan):
    loan.lend()
    Station.objects.update(plate="occupied")
    job = loan.job()
    dispatch = loan.held()
    assert dispatch.state == DispatchState.STAGED

    with loan.there():
        planning.match()
        assert Dispatch.objects.get(pk=dispatch.pk).state == DispatchState.STAGED
    loan.shop.clear_plate()
    with loan.there():
        planning.match()
        starting.claim(dispatch.pk)
        starting.start_polled(dispatch.pk)
    loan.shop.wait_for(lambda _status: loan.row(job).state == "completed")

    assert len(loan.shop.machine.starts) == 1


def test_a_borrower_whose_file_waits_is_woken_by_the_cleared_plate(loan):
    loan.lend()
    Station.objects.update(plate="occupied")
    loan.job()
    loan.held()
    planning.match()
    due = Due.objects.filter(org=loan.borrower, task="jobs.match")
    due.update(due_at=timezone.now() + timedelta(hours=1))

    loan.shop.clear_plate()
    planning.match()

    assert due.get().due_at <= timezone.now()


def test_the_borrowers_own_warm_printers_hold_up_no_file_on_a_lent_one(loan, monkeypatch):
    loan.lend()
    loan.job()
    dispatch = loan.staged()
    Dispatch.objects.filter(pk=dispatch.pk).update(note=heating.WAITS)
    monkeypatch.setattr(heating, "room", lambda: 0)

    with loan.there():
        waiting = ahead.Ahead()
        waiting.go_on()

    assert waiting.said() == {
        dispatch.print_id: "Its file is on Voron 1; it waits while other printers of Acme heat up."
    }
    assert Dispatch.objects.get(pk=dispatch.pk).note == ""


def test_the_owner_starts_by_hand_where_a_borrowers_file_waits(loan):
    loan.lend()
    Station.objects.update(plate="occupied")
    loan.job()
    waits = loan.held()
    loan.shop.clear_plate()
    own = loan.shop.job()

    by_hand.start(own, loan.shop.printer.pk)

    assert Dispatch.objects.get(pk=waits.pk).state == DispatchState.DROPPED


def test_an_absurd_amount_is_cut_off_so_that_its_print_can_end():
    terms = replace(TERMS, per_gram=Decimal(1000), per_hour=Decimal(1000))

    assert terms.price(Decimal(9_999_999), 10**12) == (Decimal("9999999.99"), Decimal("9999999.99"))


def test_more_lent_printers_ask_no_more_of_the_database(loan):
    def lend(count: int) -> int:
        for number in range(count):
            printer = make_printer(f"Lent {count} {number}", machine_key=uuid4().hex)
            terms = {"to_all": True, "owner_first": True, "prints_per_week": 5}
            offers.lend(printer, terms, {})
        with loan.there(), CaptureQueriesContext(connection) as captured:
            lent.machines()
        return len([one for one in captured if "SET search_path" not in one["sql"]])

    loan.shop.job()

    assert lend(1) == lend(6)


@pytest.mark.parametrize("reason", ["", "it will do"])
def test_no_borrower_overrides_what_the_owner_holds_the_printer_for(loan, reason):
    loan.lend()
    job = loan.job()
    Printer.objects.filter(pk=loan.shop.printer.pk).update(held_at=timezone.now(), failed_in_row=2)

    with loan.there(), pytest.raises(by_hand.CannotStart) as refused:
        by_hand.start(job, loan.shop.printer.pk, reason)

    assert not isinstance(refused.value, by_hand.NeedsReason)
    assert "it is held" in str(refused.value)
    assert not Dispatch.objects.exists()


def test_no_borrower_wears_out_the_owners_nozzle_with_a_reason(loan):
    loan.lend()
    with loan.there():
        Revision.objects.filter(pk=loan.revision.pk).update(
            metadata=loan.revision.metadata | {"abrasive": True}
        )
    job = loan.row(loan.job())

    with loan.there(), pytest.raises(by_hand.CannotStart) as refused:
        by_hand.start(job, loan.shop.printer.pk, "it will do")

    assert "hardened nozzle" in str(refused.value)
    assert not Dispatch.objects.exists()
