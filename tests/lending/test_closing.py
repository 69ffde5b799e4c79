"""What an organisation that is closed has lent, or has borrowed (rule 22)."""

import pytest
from django.db.models.functions import Now

from jobs import reconciling, stopping, suspending
from jobs.tasks import clean_up
from orgs import lifecycle
from orgs.models import Org
from printers.drivers.driver import MachineState
from stations.models import Charge, Dispatch, DispatchState

S = DispatchState


def state_of(dispatch):
    return Dispatch.objects.get(pk=dispatch.pk).state


@pytest.fixture
def printing(loan):
    """A borrowed print that runs and takes a while."""
    loan.shop.machine.machine.speed = 20
    loan.lend()
    loan.job()
    dispatch = loan.started()
    loan.shop.wait_for(lambda status: status.state is MachineState.PRINTING)
    yield dispatch
    loan.shop.machine.machine.speed = 2000


def test_what_has_not_started_on_a_closed_owners_printer_waits_again(loan, acme):
    loan.lend()
    job = loan.job()
    dispatch = loan.held()
    lifecycle.suspend(acme, "")

    reconciling.reconcile()

    assert state_of(dispatch) == S.DROPPED
    assert loan.row(job).state == "queued"
    assert loan.shop.station.hold is None


@pytest.mark.parametrize("side", ["owner", "borrower"])
def test_an_archive_that_stops_prints_stops_borrowed_ones_and_waits_for_their_end(loan, printing, side):
    org = Org.objects.get(slug="acme" if side == "owner" else "rival")
    lifecycle.archive(org, Org.Archiving.STOP)

    reconciling.reconcile()
    org.refresh_from_db()
    before = org.state, Dispatch.objects.get(pk=printing.pk).cancel_wanted
    with loan.there():
        stopping.cancel_at_printer(printing.pk)
    loan.shop.wait_for(lambda _status: state_of(printing) == S.ENDED)
    Dispatch.objects.update(step_at=Now() - suspending.CLEARS_UP)
    reconciling.reconcile()

    org.refresh_from_db()
    assert before == (Org.State.SUSPENDED, True)
    assert org.state == Org.State.ARCHIVED
    assert Charge.objects.count() == 1


def test_an_archive_that_waits_lets_a_borrowed_print_run(loan, printing, acme):
    lifecycle.archive(acme, Org.Archiving.WAIT)

    reconciling.reconcile()

    acme.refresh_from_db()
    assert (acme.state, state_of(printing)) == (Org.State.SUSPENDED, S.CONFIRMED)
    assert not Dispatch.objects.get(pk=printing.pk).cancel_wanted


def test_a_borrowers_file_is_taken_off_before_the_borrower_is_in_the_archive(loan, rival):
    """Rule 19: no task does anything for an archived organisation, so it has to be done before."""
    loan.lend()
    loan.job()
    dispatch = loan.staged()
    lifecycle.archive(rival, Org.Archiving.WAIT)

    reconciling.reconcile()
    rival.refresh_from_db()
    before = rival.state, state_of(dispatch)
    clean_up(rival.schema_name, str(dispatch.pk))
    Dispatch.objects.update(step_at=Now() - suspending.CLEARS_UP)
    reconciling.reconcile()

    rival.refresh_from_db()
    assert before == (Org.State.SUSPENDED, S.DROPPED)
    assert dispatch.remote_name not in loan.shop.machine.picture()["files"]
    assert rival.state == Org.State.ARCHIVED


def test_nothing_starts_by_itself_on_a_restored_owners_printer_either(loan, acme):
    loan.lend()
    job = loan.job()
    lifecycle.archive(acme, Org.Archiving.WAIT)
    reconciling.reconcile()
    lifecycle.restore(acme)
    loan.shop.report()

    before = loan.planned()
    Org.objects.filter(pk=acme.pk).update(auto_queue=True)

    assert before is None
    assert loan.row(job).state == "queued"
    assert loan.planned() is not None
