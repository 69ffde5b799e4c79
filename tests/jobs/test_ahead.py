"""Files go ahead: to a printer of which only the plate is in the way, so that a cleared plate is a start."""

from itertools import count

import pytest

from inventory.models import Spool
from jobs import ahead, by_hand, planning, reconciling, staging, starting, stopping
from jobs.dispatching import MOST_ATTEMPTS, drop
from jobs.models import Job, Print
from jobs.states import Priority
from models3d.models import Plate as FilePlate
from printers import live
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from stations.models import Dispatch, DispatchState, Plate, Station
from tests.factories.printers import make_printer

S = DispatchState
NUMBERS = count(2)


@pytest.fixture
def blocked(shop):
    plate_is(shop.printer, Plate.OCCUPIED)
    return shop


@pytest.fixture
def other(shop):
    """A second Voron, clear and at rest; nothing is behind its address."""
    return another(shop)


def another(shop, plate=Plate.CLEAR):
    same = ("model", "nozzle_mm", "auto_queue", "bed_x_mm", "bed_y_mm", "bed_z_mm")
    known = {name: getattr(shop.printer, name) for name in same}
    printer = make_printer(f"Voron {next(NUMBERS)}", plate=plate, **known)
    Spool.objects.create(
        filament=shop.spool.filament, initial_g=1000, cost=20, slot=printer.slots.get(index=0)
    )
    live.swap(shop.org_id, printer.pk, Status(MachineState.IDLE))
    return printer


def urgent_job(shop, **order):
    job = shop.job(**order)
    Job.objects.filter(pk=job.pk).update(priority=Priority.URGENT)
    return job


def plate_is(printer, plate):
    Station.objects.filter(pk=printer.pk).update(plate=plate)


def opened(printer) -> list[tuple[Job, str]]:
    found = Dispatch.objects.filter(station=printer.pk, state__in=[*ahead.UNHELD, S.HELD])
    return [(Print.objects.get(pk=one.print_id).job, one.state) for one in found]


def sent_ahead(shop) -> Dispatch:
    dispatch = shop.planned()
    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)
    dispatch.refresh_from_db()
    return dispatch


def test_a_file_goes_to_a_printer_whose_plate_alone_is_in_the_way(blocked):
    job = blocked.job()

    dispatch = sent_ahead(blocked)

    assert dispatch.state == S.STAGED
    assert (blocked.machine.machine.folder / dispatch.remote_name).exists()
    assert blocked.station.hold is None
    assert blocked.machine.starts == []
    job.refresh_from_db()
    assert (job.state, job.why_not) == ("queued", "Its file is on Voron 1: clear the plate, and it starts.")


def test_a_cleared_plate_is_a_start_without_another_upload(blocked, monkeypatch):
    blocked.job()
    dispatch = sent_ahead(blocked)
    sent = []
    monkeypatch.setattr(ahead, "send", lambda task, pk: sent.append((task, pk)))

    blocked.clear_plate()
    planning.match()
    starting.claim(dispatch.pk)
    starting.start_polled(dispatch.pk)

    assert sent == [("jobs.claim", dispatch.pk)]
    assert [start.remote_name for start in blocked.machine.starts] == [dispatch.remote_name]
    assert Dispatch.objects.count() == 1


@pytest.mark.parametrize(
    "fields", [{"out_of_service_reason": "belt"}, {"auto_queue": False}, {"model": "Prusa MK4"}]
)
def test_nothing_goes_ahead_where_more_than_the_plate_is_in_the_way(blocked, fields):
    Printer.objects.update(**fields)
    blocked.job()

    planning.match()

    assert not Dispatch.objects.exists()


def test_nothing_goes_ahead_to_a_printer_that_prints(blocked):
    live.swap(blocked.org_id, blocked.printer.pk, Status(MachineState.PRINTING))
    blocked.job()

    planning.match()

    assert not Dispatch.objects.exists()


def test_each_printer_is_sent_one_file_only(blocked):
    for _ in range(3):
        blocked.job()

    planning.match()
    planning.match()

    assert len(opened(blocked.printer)) == 1


def test_what_waits_for_a_plate_starts_on_a_printer_that_is_clear_sooner(blocked):
    job = blocked.job()
    dispatch = sent_ahead(blocked)
    clear = another(blocked)

    planning.match()
    planning.match()

    dispatch.refresh_from_db()
    assert dispatch.state == S.DROPPED
    assert opened(clear) == [(job, S.PLANNED)]


def test_a_copy_without_a_file_starts_before_one_whose_file_is_elsewhere(blocked):
    job = blocked.job(copies=2)
    dispatch = sent_ahead(blocked)
    clear = another(blocked)

    planning.match()

    dispatch.refresh_from_db()
    assert dispatch.state == S.STAGED
    assert opened(clear) == [(job, S.PLANNED)]


def test_a_more_urgent_job_takes_the_place_of_the_file(blocked):
    blocked.job()
    dispatch = sent_ahead(blocked)
    urgent = urgent_job(blocked)

    planning.match()
    planning.match()

    dispatch.refresh_from_db()
    assert dispatch.state == S.DROPPED
    assert opened(blocked.printer) == [(urgent, S.PLANNED)]


def test_a_more_urgent_job_goes_where_no_file_waits_yet(blocked):
    blocked.job()
    dispatch = sent_ahead(blocked)
    bare = another(blocked, plate=Plate.OCCUPIED)
    urgent = urgent_job(blocked)

    planning.match()

    dispatch.refresh_from_db()
    assert dispatch.state == S.STAGED
    assert opened(bare) == [(urgent, S.PLANNED)]


def test_a_file_that_lost_its_place_goes_to_another_printer(blocked):
    low = blocked.job()
    sent_ahead(blocked)
    urgent_job(blocked, target=Job.Target.PRINTER, printer=blocked.printer)
    planning.match()
    bare = another(blocked, plate=Plate.UNKNOWN)

    planning.match()

    assert opened(bare) == [(low, S.PLANNED)]


def test_matching_again_changes_nothing(blocked):
    for _ in range(3):
        blocked.job()
    another(blocked, plate=Plate.OCCUPIED)
    planning.match()
    before = set(Dispatch.objects.values_list("pk", "state"))

    for _ in range(3):
        planning.match()

    assert set(Dispatch.objects.values_list("pk", "state")) == before


def test_a_file_sent_ahead_stays_while_its_printer_does_not_answer(blocked):
    blocked.job()
    dispatch = sent_ahead(blocked)
    live.swap(blocked.org_id, blocked.printer.pk, Status(MachineState.OFFLINE))

    planning.match()
    starting.claim(dispatch.pk)

    dispatch.refresh_from_db()
    assert dispatch.state == S.STAGED


def test_a_file_that_no_longer_fits_is_taken_off(blocked, monkeypatch):
    job = blocked.job()
    dispatch = sent_ahead(blocked)
    FilePlate.objects.filter(revision=job.revision).update(box={"min": [0, 0, 0], "max": [400, 9, 9]})

    starting.claim(dispatch.pk)

    dispatch.refresh_from_db()
    assert dispatch.state == S.DROPPED
    assert "it reaches" in dispatch.note


def test_cancelling_the_job_takes_the_file_off(blocked):
    job = blocked.job()
    dispatch = sent_ahead(blocked)

    stopping.cancel(job)

    dispatch.refresh_from_db()
    assert (dispatch.state, job.state) == (S.DROPPED, "cancelled")


def test_a_person_may_start_by_hand_elsewhere_what_waits_for_a_plate(blocked, other):
    plate_is(other, Plate.OCCUPIED)
    job = blocked.job()
    dispatch = sent_ahead(blocked)
    plate_is(other, Plate.CLEAR)

    by_hand.start(job, other.pk)

    dispatch.refresh_from_db()
    assert dispatch.state == S.DROPPED
    assert opened(other) == [(job, S.PLANNED)]


def test_what_was_displaced_often_is_not_given_up_at_its_first_failure(blocked):
    job = blocked.job()
    for _ in range(MOST_ATTEMPTS):
        drop(shop_planned(blocked).pk, "it goes elsewhere first")

    drop(shop_planned(blocked).pk, "unreachable", backs_off=True)

    job.refresh_from_db()
    assert job.state == "queued"


def shop_planned(shop) -> Dispatch:
    planning.match()
    return Dispatch.objects.filter(state=S.PLANNED).get()


def test_the_reconciler_leaves_what_waits_for_a_plate_to_the_match(blocked, monkeypatch):
    blocked.job()
    dispatch = sent_ahead(blocked)
    Dispatch.objects.update(step_at="2026-01-01T00:00:00Z")
    sent = []
    monkeypatch.setattr(reconciling, "send", lambda task, pk: sent.append(task))

    reconciling.reconcile()

    dispatch.refresh_from_db()
    assert (sent, dispatch.state) == ([], S.STAGED)
