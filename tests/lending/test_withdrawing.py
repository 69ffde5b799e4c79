"""Rules 21, 22: what waited to start on old terms is dropped, what has started runs on."""

import pytest

from jobs import starting
from jobs.amounts import amounts
from jobs.dispatching import drop
from jobs.lending import offers
from jobs.models import Print
from jobs.tasks import clean_up
from orgs.models import Org
from printers.adding import StillHeld, delete
from stations.models import Charge, Dispatch, DispatchState, Offer

S = DispatchState


def state_of(dispatch):
    return Dispatch.objects.get(pk=dispatch.pk).state


@pytest.mark.parametrize("stage", ["planned", "staged", "held"])
def test_a_withdrawal_drops_what_has_not_started_and_its_copy_waits_again(loan, stage):
    loan.lend()
    job = loan.job()
    dispatch = getattr(loan, stage)()

    offers.withdraw(loan.shop.printer)

    assert state_of(dispatch) == S.DROPPED
    assert loan.shop.station.hold is None
    with loan.there():
        one = Print.objects.get(job=job)
        assert one.state == "waiting"
    assert loan.row(job).state == "queued"
    assert "lends the printer no more" in Dispatch.objects.get(pk=dispatch.pk).note


def test_the_file_of_what_was_dropped_is_taken_off_the_printer(loan):
    loan.lend()
    loan.job()
    dispatch = loan.staged()
    assert dispatch.remote_name in loan.shop.machine.picture()["files"]

    offers.withdraw(loan.shop.printer)
    clean_up(loan.borrower.schema_name, str(dispatch.pk))

    assert dispatch.remote_name not in loan.shop.machine.picture()["files"]


def test_changed_terms_raise_the_version_and_drop_what_waits_on_old_ones(loan):
    offer = loan.lend()
    loan.job()
    dispatch = loan.staged()

    again = loan.lend(per_hour=9)

    assert (offer.version, again.version) == (1, 2)
    assert state_of(dispatch) == S.DROPPED


def test_a_start_on_terms_that_have_changed_is_refused(loan):
    """As if the process that changed them died before it dropped what waited."""
    loan.lend()
    loan.job()
    dispatch = loan.held()
    Offer.objects.update(version=7)

    with loan.there():
        starting.start_polled(dispatch.pk)

    assert loan.shop.machine.starts == []
    assert state_of(dispatch) == S.DROPPED


def test_what_has_started_runs_on_and_is_charged_on_its_own_terms(loan):
    loan.lend(per_gram=1, per_hour=0)
    job = loan.job()
    dispatch = loan.started()

    loan.lend(per_gram=50)
    offers.withdraw(loan.shop.printer)
    loan.shop.wait_for(lambda _status: state_of(dispatch) == S.ENDED)

    charge = Charge.objects.get()
    assert charge.amount == charge.grams
    assert loan.row(job).state == "completed"


@pytest.mark.parametrize("side", ["owner", "borrower"])
def test_suspending_either_organisation_stops_claims_and_starts_at_once(loan, side):
    loan.lend()
    loan.job()
    dispatch = loan.held()
    slug = "acme" if side == "owner" else "rival"
    Org.objects.filter(slug=slug).update(state=Org.State.SUSPENDED)

    with loan.there():
        starting.start_polled(dispatch.pk)

    assert loan.shop.machine.starts == []


def test_a_lent_printer_that_is_held_is_not_deleted_and_a_deleted_one_is_lent_no_more(loan):
    loan.lend()
    loan.job()
    dispatch = loan.held()
    with pytest.raises(StillHeld):
        delete(loan.shop.printer)
    with loan.there():
        drop(dispatch.pk, "cancelled")

    delete(loan.shop.printer)

    assert loan.planned().state == S.DROPPED
    with loan.there():
        assert not Offer.objects.to(loan.borrower).exists()


def test_what_is_not_lent_cannot_be_withdrawn(loan):
    with pytest.raises(offers.NotOffered):
        offers.withdraw(loan.shop.printer)


@pytest.mark.parametrize("change", [{"currency": "JPY", "currency_sure": "on"}, {"time_zone": "Asia/Tokyo"}])
def test_another_currency_or_zone_of_the_owner_is_another_offer(loan, sign_in, change):
    """A price or an hour of the old terms would mean something else; see also rule 20."""
    loan.lend(per_hour=3)
    job = loan.job()
    dispatch = loan.held()

    admin = sign_in("admin")
    form = admin.get("/o/acme/settings/").context["form"]
    values = {name: value for name, value in form.initial.items() if value is not None}
    answer = admin.post("/o/acme/settings/", values | change)
    assert answer.status_code == 302, answer.context["form"].errors
    with loan.there():
        starting.start_polled(dispatch.pk)

    assert loan.shop.machine.starts == []
    assert state_of(dispatch) == S.DROPPED
    assert loan.row(job).state == "queued"


def test_the_prices_of_offers_are_among_those_that_a_new_currency_changes(loan):
    before = amounts().prices
    loan.lend(per_hour=3)

    assert amounts().prices == before + 1
