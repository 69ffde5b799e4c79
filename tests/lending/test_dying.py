"""A borrowed print is started once whatever dies when, and either side can answer for what nobody saw."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from alerts.models import Alert
from jobs import reconciling, starting, stopping
from jobs.dispatching import CannotStart
from jobs.lending import ordering, showing
from jobs.models import GuestPrint, LedgerLine, Print
from jobs.tasks import cancel_at_printer
from orgs.models import Membership
from printers.drivers.driver import DriverError, MachineState, Trouble
from printers.drivers.moonraker import MoonrakerDriver
from stations.models import Charge, Dispatch, DispatchState, Plate

S = DispatchState


def state_of(dispatch):
    return Dispatch.objects.get(pk=dispatch.pk).state


def long_ago(dispatch, seconds):
    Dispatch.objects.filter(pk=dispatch.pk).update(step_at=Now() - timedelta(seconds=seconds))


@pytest.fixture
def lent(loan):
    loan.lend()
    return loan


@pytest.fixture
def slowly(lent):
    """As `lent`, with time to meddle with a print."""
    lent.shop.machine.machine.speed = 20
    yield lent
    lent.shop.machine.machine.speed = 2000


def dies(*_given):
    raise SystemExit


def hangs(*_given):
    raise DriverError(Trouble.UNREACHABLE, "no answer")


def test_a_worker_killed_between_upload_and_claim_is_made_good(lent):
    lent.job()
    dispatch = lent.staged()
    long_ago(dispatch, 30)

    reconciling.reconcile()
    with lent.there():
        starting.claim(dispatch.pk)
        starting.start_polled(dispatch.pk)

    assert len(lent.shop.machine.starts) == 1


def test_a_worker_killed_after_the_bytes_adopts_the_print(lent, monkeypatch):
    job = lent.job()
    dispatch = lent.held()
    send = MoonrakerDriver.start

    def dies_after_sending(self, order):
        send(self, order)
        raise SystemExit

    monkeypatch.setattr(MoonrakerDriver, "start", dies_after_sending)
    with lent.there(), pytest.raises(SystemExit):
        starting.start_polled(dispatch.pk)
    monkeypatch.undo()
    lent.shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    assert lent.row(job).state == "completed"
    assert len(lent.shop.machine.starts) == 1
    assert Charge.objects.count() == 1


def test_a_second_end_charges_nothing_more(lent):
    lent.job()
    lent.ended()
    before = LedgerLine.objects.count()

    lent.shop.report()
    lent.shop.report()
    reconciling.reconcile()

    assert Charge.objects.count() == before == 1


def unclear(lent, monkeypatch):
    job = lent.job()
    dispatch = lent.held()
    monkeypatch.setattr(MoonrakerDriver, "start", hangs)
    with lent.there():
        starting.start_polled(dispatch.pk)
    monkeypatch.undo()
    long_ago(dispatch, 121)
    reconciling.reconcile()
    return job, dispatch


def test_an_unclear_start_keeps_the_printer_and_asks_both_sides(lent, monkeypatch):
    job, dispatch = unclear(lent, monkeypatch)

    assert state_of(dispatch) == S.UNCLEAR
    assert lent.shop.station.hold_id == dispatch.pk
    cause = f"dispatch.unclear:{dispatch.pk}"
    assert Alert.objects.get(cause=cause, resolved_at=None).target_id == lent.shop.printer.pk
    with lent.there():
        assert Alert.objects.filter(cause=cause, resolved_at=None).exists()
        starting.start_polled(dispatch.pk)
    assert lent.shop.machine.starts == []
    assert lent.row(job).state == "sending"


@pytest.mark.parametrize("side", ["owner", "borrower"])
def test_either_side_says_that_it_does_not_print(lent, monkeypatch, side):
    job, dispatch = unclear(lent, monkeypatch)

    if side == "owner":
        ordering.answer_unclear(dispatch.pk, printing=False)
    else:
        with lent.there():
            stopping.resolve_start(job, printing=False)

    assert state_of(dispatch) == S.REFUSED
    assert lent.row(job).state == "queued"
    assert lent.shop.station.hold is None
    assert lent.shop.station.plate == Plate.CLEAR
    assert not GuestPrint.objects.exists()
    for place in (lent.there, None):
        if place is None:
            assert not Alert.objects.filter(cause__startswith="dispatch.unclear", resolved_at=None).exists()
        else:
            with place():
                assert not Alert.objects.filter(
                    cause__startswith="dispatch.unclear", resolved_at=None
                ).exists()


def test_the_owner_says_that_it_prints(lent, monkeypatch):
    job, dispatch = unclear(lent, monkeypatch)

    ordering.answer_unclear(dispatch.pk, printing=True)

    assert state_of(dispatch) == S.CONFIRMED
    assert lent.row(job).state == "printing"
    with pytest.raises(CannotStart):
        ordering.answer_unclear(dispatch.pk, printing=False)


def test_nobody_but_the_owner_answers_for_the_printer(lent, monkeypatch):
    _job, dispatch = unclear(lent, monkeypatch)

    with lent.there(), pytest.raises(Dispatch.DoesNotExist):
        ordering.answer_unclear(dispatch.pk, printing=True)


def test_a_refusal_frees_the_printer_and_leaves_no_guest(lent, monkeypatch):
    job = lent.job()
    dispatch = lent.held()
    with lent.there():
        starting.authorise(dispatch.pk, lent.shop.report())
        assert state_of(dispatch) == S.STARTING
        starting.too_late(dispatch.pk)
        starting.settle_refusal(dispatch.pk)

    assert state_of(dispatch) == S.REFUSED
    assert lent.row(job).state == "queued"
    assert lent.shop.station.plate == Plate.CLEAR
    assert not GuestPrint.objects.exists()


def test_a_cancel_of_the_borrower_stops_its_print_at_the_owners_printer(slowly):
    job = slowly.job()
    dispatch = slowly.started()
    slowly.shop.wait_for(lambda _status: state_of(dispatch) == S.CONFIRMED)

    with slowly.there():
        stopping.cancel(slowly.row(job))
    cancel_at_printer(slowly.borrower.schema_name, str(dispatch.pk))
    slowly.shop.wait_for(lambda _status: state_of(dispatch) == S.ENDED)

    assert slowly.row(job).state == "cancelled"
    assert GuestPrint.objects.get().outcome == "cancelled"
    assert Charge.objects.count() == 1


def test_an_order_of_the_borrower_meets_its_own_print_alone(slowly, person):
    slowly.job()
    dispatch = slowly.started()
    slowly.shop.wait_for(lambda _status: state_of(dispatch) == S.CONFIRMED)
    membership = Membership.objects.get(user=person("operator", "rival"), org=slowly.borrower)

    with slowly.there():
        (seen,) = showing.printers_for(membership)
        assert seen.ours.job_key
        ordering.order(seen.pk, seen.ours, "pause")
        with pytest.raises(DriverError):
            ordering.order(seen.pk, None, "cancel")
    slowly.shop.wait_for(lambda status: status.state is MachineState.PAUSED)

    with slowly.there():
        assert Print.objects.get().state == "paused"
