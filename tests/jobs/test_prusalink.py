"""From the queue to a print on a Prusa, which forgets a job as soon as it ends."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from gateway.ingest import ingest
from inventory.models import Filament, Spool
from jobs import facts, following, gates, planning, reconciling, starting
from jobs.models import Job, Print
from models3d.models import Revision
from orgs.models import Org
from printers.adding import add
from printers.drivers.driver import MachineState
from printers.drivers.prusalink import PrusaLinkDriver
from printers.models import Printer
from printers.reaching import driver_of
from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle
from simulator.prusalink import PrusaLinkFront
from stations.models import Dispatch, DispatchState, Plate
from tests.jobs.conftest import Shop, revision_of

M, S = MachineState, DispatchState
CODE = "12345678"


@pytest.fixture(scope="module", params=["mk4", "mk3s-pi"])
def prusa(request) -> Iterator[Handle]:
    with Farm([PrinterSpec("Prusa", request.param, secret=CODE, speed=300)]) as farm:
        yield farm["Prusa"]


class PrusaShop(Shop):
    """Its polls share one driver, as they do in a worker."""

    def report(self):
        self.__dict__.setdefault("driver", driver_of(self.printer))
        status = self.driver.status()
        following.live.swap(self.org_id, self.printer.pk, status)
        following.follow(self.printer.pk, status)
        return status


@pytest.fixture
def shop(acme, person, prusa, tmp_path) -> Iterator[Shop]:
    prusa.act("reboot")
    prusa.clear_plate()
    prusa.machine.starts.clear()
    Org.objects.filter(pk=acme.pk).update(auto_queue=True)
    acme.auto_queue = True
    model = prusa.machine.profile.model
    with override_settings(ALLOW_LOOPBACK_PRINTERS=True, MEDIA_ROOT=tmp_path):
        printer = add(
            Printer(
                name="Prusa 1", protocol="prusalink", model=model, address=prusa.host, port=prusa.port,
                bed_x_mm=250, bed_y_mm=210, bed_z_mm=220, nozzle_mm=0.4, auto_queue=True,
                rate_per_hour=Decimal("3.60"),
            ),
            secret=CODE,
        )  # fmt: skip
        filament = Filament.objects.create(material="PLA", color="#FF8000")
        slot = printer.slots.get(index=0)
        spool = Spool.objects.create(filament=filament, initial_g=1000, used_g=500, cost=20, slot=slot)
        by = person("viewer")
        made = PrusaShop(printer, spool, prusa, revision_of(by, printer_models=[model]), by)
        made.report()
        made.clear_plate()
        yield made
        made.driver.close()


def of(dispatch) -> Dispatch:
    return Dispatch.objects.get(pk=dispatch.pk)


def printing(shop) -> tuple[Job, Dispatch]:
    job, dispatch = shop.job(), shop.started()
    shop.wait_for(lambda status: status.state is M.PRINTING and (status.progress or 0) > 0.05)
    assert of(dispatch).state == S.CONFIRMED
    return job, dispatch


def ended(shop, dispatch, *states) -> None:
    shop.wait_for(lambda status: status.state in states)
    reconciling.ask_outcome(dispatch.pk)


def test_a_queued_job_is_printed_and_paid_for(shop):
    job, dispatch = printing(shop)
    assert of(dispatch).job_key.endswith(f":{dispatch.remote_name}")

    shop.machine.act("finish-now")
    ended(shop, dispatch, M.FINISHED)

    job.refresh_from_db()
    one = Print.objects.get(job=job)
    assert (of(dispatch).state, job.state, one.grams) == (S.ENDED, "completed", Decimal("12.50"))
    assert shop.station.hold is None
    assert shop.station.plate == Plate.OCCUPIED
    assert len(shop.machine.starts) == 1


def test_a_cleared_plate_stays_clear_while_the_printer_rests(shop):
    _job, dispatch = printing(shop)
    shop.machine.act("finish-now")
    ended(shop, dispatch, M.FINISHED)

    shop.clear_plate()
    shop.report()
    shop.machine.act("acknowledge")
    shop.report()

    assert shop.station.plate == Plate.CLEAR


@pytest.mark.parametrize(("longest_s", "plate"), [(60, Plate.CLEAR), (-1, Plate.OCCUPIED)])
def test_an_ejector_is_believed_only_if_the_end_was_not_missed(shop, monkeypatch, longest_s, plate):
    """Behind a gap another print may lie where ours was."""
    Printer.objects.filter(pk=shop.printer.pk).update(ejects=True)
    org = Org.objects.get(pk=shop.org_id)
    _job, dispatch = printing(shop)
    shop.machine.act("finish-now")
    monkeypatch.setattr("gateway.ingest.GAP", timedelta(seconds=longest_s))

    ingest(org, shop.printer.pk, shop.driver.status())
    reconciling.ask_outcome(dispatch.pk)

    assert of(dispatch).state == S.ENDED
    assert shop.station.plate == plate


def test_a_print_the_printer_broke_off_failed_in_its_own_words(shop):
    job, dispatch = printing(shop)

    shop.machine.act("error", text="Thermal runaway")
    ended(shop, dispatch, M.ERROR)

    one = Print.objects.get(job=job)
    assert one.state == "failed"
    assert "Thermal runaway" in one.note or "error on its own screen" in one.note


def test_a_print_cancelled_at_the_machine_is_cancelled_and_pays_for_what_it_used(shop):
    job, dispatch = printing(shop)

    shop.machine.act("cancel-by-hand")
    ended(shop, dispatch, M.FINISHED)

    job.refresh_from_db()
    one = Print.objects.get(job=job)
    assert (of(dispatch).state, one.state) == (S.ENDED, "cancelled")
    assert Decimal("0.60") < one.grams < Decimal("12.50")


def test_a_restarted_printer_does_not_know_the_print_and_it_failed(shop):
    job, dispatch = printing(shop)

    shop.machine.act("reboot")
    ended(shop, dispatch, M.IDLE)

    job.refresh_from_db()
    assert (of(dispatch).state, job.state) == (S.ENDED, "failed")


def test_an_end_is_not_made_up_while_the_printer_is_in_between(shop):
    job, dispatch = printing(shop)
    front = shop.machine.front
    assert isinstance(front, PrusaLinkFront)
    shop.machine.act("finish-now")
    shop.wait_for(lambda status: status.state is M.FINISHED)
    front.dialog = "BUSY"

    reconciling.ask_outcome(dispatch.pk)
    assert of(dispatch).state == S.CONFIRMED

    front.dialog = ""
    reconciling.ask_outcome(dispatch.pk)
    assert of(dispatch).state == S.ENDED


def test_an_old_report_after_the_confirmation_ends_no_print(shop):
    before = shop.report()
    _job, dispatch = printing(shop)

    following.follow(shop.printer.pk, before)
    reconciling.ask_outcome(dispatch.pk)

    assert of(dispatch).state == S.CONFIRMED


def test_a_refused_start_gives_the_plate_back(shop, monkeypatch):
    shop.job()
    dispatch = shop.held()
    path_if_free = PrusaLinkDriver._path_if_free

    def then_the_screen_asks(driver, name):
        path = path_if_free(driver, name)
        shop.machine.front.dialog = "ATTENTION"
        return path

    monkeypatch.setattr(PrusaLinkDriver, "_path_if_free", then_the_screen_asks)
    starting.start_polled(dispatch.pk)
    shop.machine.front.dialog = ""
    assert of(dispatch).refusal
    shop.report()

    starting.settle_refusal(dispatch.pk)

    assert of(dispatch).state == S.REFUSED
    assert (shop.station.plate, shop.station.hold) == (Plate.CLEAR, None)
    assert shop.machine.starts == []


def test_binary_gcode_waits_for_a_printer_that_reads_it(shop):
    Revision.objects.filter(pk=shop.revision.pk).update(kind="bgcode")
    job = Job.objects.get(pk=shop.job().pk)
    planning.match()

    (machine,) = facts.machines([shop.printer.pk])
    gate = gates.kind_gate(facts.needs_of(job, facts.plates_of([job]).get(job.pk)), machine)

    reads_it = shop.printer.model == "Prusa MK4"
    assert (gate.verdict is gates.Verdict.PASS) == reads_it
    assert Dispatch.objects.exists() == reads_it
