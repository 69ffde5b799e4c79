"""What an organisation that is closed has lent, or has borrowed (rule 22)."""

import pytest

from jobs import reconciling, stopping
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
