"""A print on an OctoPrint, from the queue to a plate that is clear again: it forgets what is deleted."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import override_settings

from inventory.models import Filament, Spool
from jobs import following, reconciling
from jobs.models import Job, Print
from jobs.starting import remove_file
from orgs.models import Org
from printers.adding import add
from printers.drivers.driver import MachineState, Outcome, Status
from printers.drivers.octoprint import OctoPrintDriver
from printers.models import Printer
from simulator.config import PrinterSpec
from simulator.farm import Farm
from stations.models import Dispatch, DispatchState, Plate, Station

from .conftest import Shop, revision_of

S, M = DispatchState, MachineState
KEY = "0123456789ABCDEF"


@pytest.fixture
def ender(acme: Org, person, tmp_path) -> Iterator[Shop]:
    """An Ender-3 on an OctoPrint, plate clear, PLA loaded; ten minutes take a third of a second."""
    Org.objects.filter(pk=acme.pk).update(auto_queue=True)
    acme.auto_queue = True
    spec = PrinterSpec("Ender", "ender-3-v2", secret=KEY, speed=2000)
    with Farm([spec]) as farm, override_settings(ALLOW_LOOPBACK_PRINTERS=True, MEDIA_ROOT=tmp_path):
        machine = farm["Ender"]
        printer = add(
            Printer(
                name="Ender 1", protocol="octoprint", model="Creality Ender-3 V2", address=machine.host,
                port=machine.port, bed_x_mm=220, bed_y_mm=220, bed_z_mm=250, nozzle_mm=0.4, auto_queue=True,
            ),
            secret=KEY,
        )  # fmt: skip
        filament = Filament.objects.create(material="PLA", color="#FF8000")
        spool = Spool.objects.create(
            filament=filament, initial_g=1000, used_g=0, cost=Decimal(20), slot=printer.slots.get(index=0)
        )
        by = person("viewer")
        shop = Shop(printer, spool, machine, revision_of(by, printer_models=["Ender-3 V2"]), by)
        shop.report()
        shop.clear_plate()
        yield shop


def of(dispatch: Dispatch) -> Dispatch:
    return Dispatch.objects.get(pk=dispatch.pk)


def test_print_goes_from_the_queue_to_its_end(ender):
    job = ender.job()
    dispatch = ender.started()
    ender.wait_for(lambda status: status.state is M.FINISHED)

    assert of(dispatch).state == S.ENDED
    assert (Print.objects.get().state, Job.objects.get(pk=job.pk).state) == ("completed", "completed")
    assert [start.remote_name for start in ender.machine.starts] == [dispatch.remote_name]


def test_plate_cleared_before_the_file_is_deleted_stays_clear(ender):
    ender.job()
    dispatch = ender.started()
    ender.wait_for(lambda status: status.state is M.FINISHED)
    ender.clear_plate()

    remove_file(dispatch)
    forgotten = ender.report()

    assert (forgotten.state, forgotten.job_key) == (M.IDLE, "")
    assert ender.station.plate == Plate.CLEAR


def test_another_print_seen_at_rest_makes_the_plate_unknown(ender):
    ender.machine.act("print-by-hand")
    ender.machine.act("finish-now")

    ender.wait_for(lambda status: status.state is M.FINISHED)

    assert ender.station.plate != Plate.CLEAR


def test_start_that_only_selected_its_file_is_not_taken_for_a_print(ender, monkeypatch):
    ender.job()
    monkeypatch.setattr(
        OctoPrintDriver,
        "start",
        lambda self, order: self._http.command(
            f"/api/files/local/{order.remote_name}", {"command": "select"}
        ),
    )
    dispatch = ender.started()

    seen = ender.report()

    assert (seen.state, seen.file) == (M.IDLE, dispatch.remote_name)
    assert of(dispatch).state == S.STARTING
    assert of(dispatch).plate_epoch == ender.station.plate_epoch


def test_print_cancelled_at_the_machine_is_cancelled_here(ender):
    ender.machine.machine.speed = 1
    ender.job()
    dispatch = ender.started()
    ender.report()

    ender.machine.act("cancel-by-hand")
    ender.report()

    assert of(dispatch).state == S.ENDED
    assert Print.objects.get().state == "cancelled"


def test_print_lost_with_the_connection_fails_by_the_files_history(ender):
    ender.machine.machine.speed = 1
    ender.job()
    dispatch = ender.started()
    ender.report()
    ender.machine.act("firmware", state="shutdown", text="Thermal Runaway, system stopped!")

    seen = ender.report()
    assert of(dispatch).state == S.CONFIRMED
    reconciling.ask_outcome(dispatch.pk)

    assert (seen.state, seen.outcome) == (M.ERROR, Outcome.FAILED)
    assert (of(dispatch).state, Print.objects.get().state) == (S.ENDED, "failed")
    assert "Thermal Runaway" in Print.objects.get().note


def test_a_printer_that_keeps_its_last_job_and_names_none_is_still_doubted(ender):
    Station.objects.filter(pk=ender.printer.pk).update(protocol="moonraker", last_key="7:part")

    following.follow(ender.printer.pk, Status(M.IDLE))

    assert ender.station.plate == Plate.UNKNOWN
