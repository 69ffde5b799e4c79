"""A file may wait on its printer for weeks: what becomes of it when the world changes meanwhile."""

import pytest

from inventory.models import Usage
from jobs import editing, following, planning, staging, starting
from jobs.models import Job, Print
from models3d.models import StoredFile
from orgs.models import Org
from printers import adding, live
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from stations.models import Dispatch, DispatchState, Plate, Station
from tests.jobs.quota_orders import quota

S = DispatchState


@pytest.fixture
def blocked(shop):
    Station.objects.filter(pk=shop.printer.pk).update(plate=Plate.OCCUPIED)
    return shop


@pytest.fixture
def waiting(blocked):
    """A job's file on the printer, whose plate is not clear."""
    blocked.job()
    dispatch = blocked.planned()
    staging.stage(dispatch.pk)
    starting.claim(dispatch.pk)
    dispatch.refresh_from_db()
    assert dispatch.state == S.STAGED
    return dispatch


def state_of(dispatch) -> str:
    return Dispatch.objects.get(pk=dispatch.pk).state


@pytest.mark.parametrize(
    "change",
    [
        lambda: Printer.objects.update(enabled=False),
        lambda: Printer.objects.update(out_of_service_reason="Belt"),
        lambda: Printer.objects.update(auto_queue=False),
        lambda: Job.objects.update(auto_start=False),
        lambda: Job.objects.update(not_before="2100-01-01T00:00:00Z"),
        lambda: Job.objects.update(state="submitted"),
        lambda: quota(0),
    ],
    ids=["disabled", "out of service", "printer by hand", "job by hand", "later", "unapproved", "quota"],
)
def test_a_file_that_waits_in_vain_is_taken_off(waiting, change):
    change()

    planning.match()

    assert state_of(waiting) == S.DROPPED
    job = Job.objects.get()
    assert job.state != "queued" or "clear the plate" not in job.why_not


def test_with_the_organisations_switch_off_no_file_waits(waiting, acme):
    acme.auto_queue = False
    Org.objects.filter(pk=acme.pk).update(auto_queue=False)

    planning.match()

    assert state_of(waiting) == S.DROPPED


def test_a_deleted_printer_gives_the_copy_back(waiting, blocked):
    adding.delete(blocked.printer)

    planning.match()

    assert state_of(waiting) == S.DROPPED
    assert "Voron 1" not in Job.objects.get().why_not


def test_a_file_without_its_job_is_let_go_of(waiting, blocked):
    Job.objects.update(state="failed")
    editing.delete(Job.objects.get())
    blocked.clear_plate()

    starting.claim(waiting.pk)

    assert state_of(waiting) == S.DROPPED
    planning.match()


def test_a_damaged_file_takes_the_other_copies_files_off_too(blocked):
    job = blocked.job(copies=2)
    first = blocked.planned()
    Dispatch.objects.filter(pk=first.pk).update(state=S.STAGED)
    second = Print.objects.get(job=job, copy=2)
    other = Dispatch.objects.create(
        station_id=blocked.printer.pk, org_id=blocked.org_id, print_id=second.pk, sha256=first.sha256, size=1,
        start_id="7",
    )  # fmt: skip
    stored = StoredFile.objects.get(sha256=first.sha256)
    with staging.path_of(stored) as path:
        path.write_bytes(path.read_bytes() + b"!")

    staging.stage(other.pk)

    assert [state_of(first), state_of(other)] == [S.DROPPED, S.DROPPED]
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_plate_cleared_during_the_match_costs_no_upload(waiting, blocked, monkeypatch):
    real = planning.start_what_can

    def late(held, ahead):
        blocked.clear_plate()
        return real(held, ahead)

    monkeypatch.setattr(planning, "start_what_can", late)
    planning.match()

    assert state_of(waiting) == S.STAGED


def test_a_waiting_file_started_at_the_machine_is_the_copys_print(waiting, blocked):
    """Else it would be printed again as soon as the plate is clear."""
    blocked.machine.act("print-by-hand", name=waiting.remote_name, duration_s=600)
    blocked.report()

    assert state_of(waiting) == S.CONFIRMED
    assert blocked.station.hold_id == waiting.pk
    job = Job.objects.get()
    assert job.state == "printing"

    blocked.wait_for(lambda status: status.state is MachineState.FINISHED)

    job.refresh_from_db()
    assert (state_of(waiting), job.state) == (S.ENDED, "completed")
    assert Usage.objects.count() == 1
    blocked.clear_plate()
    planning.match()
    assert Dispatch.objects.count() == 1


def test_what_the_printer_still_shows_of_before_ends_no_print(shop):
    """The same file was printed by hand before: its end, told once more, is not that of our start."""
    shop.job()
    dispatch = shop.held()
    before = Status(
        MachineState.FINISHED, outcome="completed", job_key="000007:x", file=dispatch.remote_name, full=True
    )
    order = starting.authorise(dispatch.pk, before)
    assert order is not None

    live.swap(shop.org_id, shop.printer.pk, before)
    following.follow(shop.printer.pk, before)

    assert state_of(dispatch) == S.STARTING
