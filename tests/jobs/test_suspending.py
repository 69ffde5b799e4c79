"""A suspended organisation: nothing starts any more, and what prints is followed to its end."""

import pytest
from celery import current_app
from django.db.models.functions import Now

from gateway import leases, poll
from inventory.models import Usage
from jobs import reconciling, staging, starting, stopping, suspending
from jobs.models import Job, Print
from jobs.tasks import cancel_at_printer, claim, clean_up
from orgs import lifecycle
from orgs.models import Org
from printers.drivers.driver import MachineState
from stations.models import Dispatch, DispatchState, Station
from tests.factories.printers import make_printer

S = DispatchState


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The names of the messages to workers; none is worked on."""
    names = []
    monkeypatch.setattr(current_app, "send_task", lambda name, *args, **kwargs: names.append(name))
    return names


def state_of(dispatch):
    return Dispatch.objects.get(pk=dispatch.pk).state


def printing(shop) -> Dispatch:
    """A dispatch whose print runs and takes a while."""
    shop.machine.machine.speed = 20
    dispatch = shop.started()
    shop.wait_for(lambda status: status.state is MachineState.PRINTING)
    return dispatch


@pytest.fixture
def slow(shop):
    yield shop
    shop.machine.machine.speed = 2000


def test_what_waits_to_start_is_dropped_and_waits_again(acme, shop):
    job = shop.job()
    dispatch = shop.held()
    lifecycle.suspend(acme, "")

    reconciling.reconcile()

    assert state_of(dispatch) == S.DROPPED
    assert shop.station.hold is None
    assert Job.objects.get(pk=job.pk).state == "queued"
    assert shop.machine.starts == []


def test_held_start_is_not_authorised_any_more(acme, shop):
    shop.job()
    dispatch = shop.held()
    lifecycle.suspend(acme, "")

    starting.start_polled(dispatch.pk)

    assert state_of(dispatch) == S.DROPPED
    assert shop.machine.starts == []


def test_worker_that_comes_late_claims_nothing(acme, shop):
    shop.job()
    dispatch = shop.planned()
    staging.stage(dispatch.pk)
    lifecycle.suspend(acme, "")

    claim(acme.schema_name, str(dispatch.pk))
    starting.claim(dispatch.pk)

    assert state_of(dispatch) == S.DROPPED
    assert shop.station.hold is None


def test_running_print_is_followed_to_its_end_with_its_filament(acme, slow, sent):
    slow.job()
    dispatch = printing(slow)
    lifecycle.suspend(acme, "")

    poll.send_chunks()
    slow.machine.machine.speed = 2000
    slow.wait_for(lambda status: status.outcome is not None)

    assert "gateway.poll_chunk" in sent
    assert state_of(dispatch) == S.ENDED
    assert Print.objects.get().state == "completed"
    assert Usage.objects.filter(grams__gt=0).count() == 1


def test_printers_without_a_print_are_left_alone(acme, sent):
    make_printer(protocol="moonraker")
    make_printer(protocol="bambu", serial="01S9", address="10.3.0.9")
    lifecycle.suspend(acme, "")

    assert poll.send_chunks() == 0
    assert leases.take("one", ["bambu"]) == []


def test_link_to_a_printer_that_prints_is_kept(acme):
    printer = make_printer(protocol="bambu", serial="01S9", address="10.3.0.9")
    dispatch = Dispatch.objects.create(
        station_id=printer.pk,
        org=acme,
        print_id=printer.pk,
        sha256="x",
        size=1,
        start_id="1",
        state=S.CONFIRMED,
    )
    Station.objects.filter(pk=printer.pk).update(hold=dispatch)
    lifecycle.suspend(acme, "")

    (lease,) = leases.take("one", ["bambu"])

    assert lease.station_id == printer.pk
    assert leases.renew("one", [printer.pk], ["bambu"]) == {printer.pk}


def files_are_gone():
    """As if the time that printers have to be cleared up were over."""
    Dispatch.objects.update(step_at=Now() - suspending.CLEARS_UP)


def test_archive_waits_for_the_last_print(acme, slow):
    slow.job()
    printing(slow)
    lifecycle.archive(acme, Org.Archiving.WAIT)

    reconciling.reconcile()
    acme.refresh_from_db()
    before = acme.state
    slow.machine.machine.speed = 2000
    slow.wait_for(lambda status: status.outcome is not None)
    files_are_gone()
    reconciling.reconcile()

    acme.refresh_from_db()
    assert (before, acme.state) == ("suspended", "archived")
    assert Print.objects.get().state == "completed"


def test_archive_stops_the_prints_where_that_is_wanted(acme, slow):
    slow.job()
    dispatch = printing(slow)
    lifecycle.archive(acme, Org.Archiving.STOP)

    reconciling.reconcile()
    cancel_at_printer(acme.schema_name, str(dispatch.pk))
    slow.wait_for(lambda status: status.outcome is not None)
    files_are_gone()
    reconciling.reconcile()

    acme.refresh_from_db()
    assert acme.state == "archived"
    assert Print.objects.get().state == "cancelled"


def test_unclear_start_keeps_an_organisation_out_of_the_archive(acme, shop):
    shop.job()
    dispatch = shop.held()
    Dispatch.objects.filter(pk=dispatch.pk).update(state=S.UNCLEAR)
    lifecycle.archive(acme, Org.Archiving.STOP)

    reconciling.reconcile()

    acme.refresh_from_db()
    assert (acme.state, state_of(dispatch)) == ("suspended", S.UNCLEAR)


def test_idle_organisation_is_archived_at_once_and_another_is_left_alone(acme, rival, shop):
    lifecycle.archive(rival, Org.Archiving.WAIT)
    job = shop.job()
    dispatch = shop.held()

    reconciling.reconcile()

    rival.refresh_from_db()
    acme.refresh_from_db()
    assert (rival.state, acme.state) == ("archived", "active")
    assert state_of(dispatch) == S.HELD
    stopping.cancel(job)


def test_files_are_still_taken_off_printers(acme, shop):
    shop.job()
    dispatch = shop.held()
    dispatch.refresh_from_db()
    folder = shop.machine.machine.folder
    lifecycle.suspend(acme, "")
    reconciling.reconcile()
    before = [path.name for path in folder.rglob("*") if path.name == dispatch.remote_name]

    clean_up(acme.schema_name, str(dispatch.pk))

    assert before == [dispatch.remote_name]
    assert not [path for path in folder.rglob("*") if path.name == dispatch.remote_name]


def test_resumed_queue_prints_what_waited(acme, shop):
    job = shop.job()
    shop.held()
    lifecycle.suspend(acme, "")
    reconciling.reconcile()
    lifecycle.resume(acme)

    dispatch = shop.started()

    assert dispatch.state in {S.STARTING, S.CONFIRMED}
    assert Job.objects.get(pk=job.pk).state in {"sending", "printing"}
