"""The rules of dispatch over a Centauri Carbon: where its answers, history and sticky states lead."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from inventory.models import Filament, Spool
from jobs import reconciling, starting, stopping
from jobs.models import Print
from orgs.models import Org
from printers.adding import add
from printers.drivers import elegoo_files
from printers.drivers.driver import MachineState
from printers.models import Printer
from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle
from stations.models import Dispatch, DispatchState, Plate

from .conftest import Shop, revision_of

S = DispatchState


@pytest.fixture(scope="module")
def centauri() -> Iterator[Handle]:
    with Farm([PrinterSpec("Carbon", "centauri-carbon", speed=2000)]) as farm:
        yield farm["Carbon"]


@pytest.fixture
def shop(acme, person, centauri, tmp_path, settings, monkeypatch) -> Shop:
    settings.ALLOW_LOOPBACK_PRINTERS, settings.MEDIA_ROOT = True, tmp_path
    monkeypatch.setattr(elegoo_files, "VERDICT_S", 0.2)
    centauri.mend()
    centauri.act("reboot")
    centauri.clear_plate()
    centauri.machine.starts.clear()
    centauri.machine.speed = 2000
    Org.objects.filter(pk=acme.pk).update(auto_queue=True)
    acme.auto_queue = True
    printer = add(
        Printer(
            name="Carbon 1", protocol="elegoo", model="Elegoo Centauri Carbon", address=centauri.host,
            port=centauri.port, bed_x_mm=257, bed_y_mm=257, bed_z_mm=257, nozzle_mm=0.4, auto_queue=True,
        )
    )  # fmt: skip
    filament = Filament.objects.create(material="PLA", color="#FF8000")
    spool = Spool.objects.create(
        filament=filament, initial_g=1000, used_g=500, cost=20, slot=printer.slots.get(index=0)
    )
    by = person("viewer")
    made = Shop(printer, spool, centauri, revision_of(by, printer_models=["Elegoo Centauri Carbon"]), by)
    made.report()
    made.clear_plate()
    return made


def finished(status):
    return status.state is MachineState.FINISHED


def test_a_queued_job_is_printed_and_paid_for(shop):
    job = shop.job()

    shop.started()
    shop.wait_for(finished)

    job.refresh_from_db()
    assert (job.state, job.copies_done) == ("completed", 1)
    assert shop.station.plate == Plate.OCCUPIED
    assert len(shop.machine.starts) == 1


def test_the_end_of_the_print_before_does_not_end_the_next(shop):
    first = shop.job()
    shop.started()
    shop.wait_for(finished)
    shop.machine.clear_plate()
    shop.clear_plate()
    second = shop.job()

    shop.machine.machine.speed = 1
    shop.machine.front.stale_step = 9
    dispatch = shop.started()
    shop.report()
    dispatch.refresh_from_db()
    beside = dispatch.state
    shop.machine.front.stale_step = None
    shop.report()

    second.refresh_from_db()
    dispatch.refresh_from_db()
    assert (beside, dispatch.state, second.state) == (S.STARTING, S.CONFIRMED, "printing")
    assert Print.objects.get(job=first).state == "completed"


def test_a_start_whose_answer_is_lost_is_adopted_and_not_repeated(shop):
    job = shop.job()
    dispatch = shop.held()
    shop.machine.fault(cut_next=1)

    starting.start_polled(dispatch.pk)
    shop.wait_for(finished)

    job.refresh_from_db()
    assert job.state == "completed"
    assert len(shop.machine.starts) == 1


def test_a_start_that_the_printer_never_got_is_unclear_until_a_person_says_so(shop):
    job = shop.job()
    dispatch = shop.held()
    shop.machine.fault(drop_next=1)
    starting.start_polled(dispatch.pk)
    Dispatch.objects.filter(pk=dispatch.pk).update(step_at=Now() - timedelta(seconds=121))

    reconciling.reconcile()
    dispatch.refresh_from_db()
    assert (dispatch.state, shop.machine.starts) == (S.UNCLEAR, [])
    stopping.resolve_start(job, printing=False)

    dispatch.refresh_from_db()
    assert dispatch.state == S.REFUSED
    assert shop.station.plate == Plate.CLEAR
    assert dispatch.remote_name not in shop.machine.picture()["files"]


def test_a_busy_printer_refuses_and_the_job_waits_on(shop):
    job = shop.job()
    dispatch = shop.held()
    front = shop.machine.front
    known, front._commands[128] = front._commands[128], lambda data: {"Ack": 1}
    try:
        starting.start_polled(dispatch.pk)
    finally:
        front._commands[128] = known
    starting.settle_refusal(dispatch.pk)

    dispatch.refresh_from_db()
    job.refresh_from_db()
    assert (dispatch.state, job.state) == (S.REFUSED, "queued")
    assert (shop.station.hold, shop.station.plate) == (None, Plate.CLEAR)


def test_a_print_that_the_printer_forgot_ends_as_its_history_says(shop):
    job = shop.job()
    shop.machine.machine.speed = 1
    dispatch = shop.started()
    shop.report()
    shop.machine.act("cancel-by-hand")
    shop.machine.act("reboot")

    shop.report()
    reconciling.ask_outcome(dispatch.pk)

    job.refresh_from_db()
    assert Print.objects.get(job=job).state == "cancelled"
    assert shop.station.hold is None


def test_a_cancel_of_ours_reaches_the_printer(shop):
    job = shop.job()
    shop.machine.machine.speed = 1
    dispatch = shop.started()
    shop.report()

    stopping.cancel(job)
    stopping.cancel_at_printer(dispatch.pk)
    shop.report()

    assert shop.machine.picture()["phase"] == "cancelled"
    assert Print.objects.get(job=job).state == "cancelled"
