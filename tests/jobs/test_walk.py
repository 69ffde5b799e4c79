"""From the queue to a paid-for print, over real sockets."""

from decimal import Decimal

from alerts.models import Alert
from inventory.models import Spool, Usage
from jobs import following, planning
from jobs.models import Print
from models3d.models import Revision
from printers.drivers.driver import MachineState
from stations.models import DispatchState, Plate


def test_a_queued_job_is_printed_and_paid_for(shop):
    job = shop.job()

    shop.started()
    shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    job.refresh_from_db()
    one = Print.objects.get(job=job)
    assert (job.state, job.copies_done) == ("completed", 1)
    assert one.grams == Decimal("12.50")
    assert one.material_cost == Decimal("0.25")
    assert job.cost == one.material_cost + one.machine_cost
    assert Spool.objects.get(pk=shop.spool.pk).used_g == Decimal("512.50")
    assert len(shop.machine.starts) == 1


def test_the_job_prints_only_when_the_printer_says_so(shop, first_print):
    job = shop.job()

    shop.held()

    assert first_print(job).state == "sending"


def test_any_start_leaves_the_plate_occupied(shop):
    shop.job()

    shop.started()

    assert shop.station.plate == Plate.OCCUPIED


def test_a_finished_print_leaves_the_plate_occupied(shop):
    shop.job()
    shop.started()

    shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    assert shop.station.plate == Plate.OCCUPIED
    assert shop.station.hold is None


def test_second_finish_changes_nothing(shop):
    shop.job()
    shop.started()
    status = shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    following.follow(shop.printer.pk, status)

    assert Usage.objects.count() == 1
    assert Alert.objects.filter(kind="print.done").count() == 1


def test_the_next_copy_waits_for_a_cleared_plate(shop):
    job = shop.job(copies=2)
    shop.started()
    shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    again = shop.held()

    job.refresh_from_db()
    assert again.state == DispatchState.STAGED
    assert len(shop.machine.starts) == 1
    assert job.why_not == "Its file is on Voron 1: clear the plate, and it starts."


def test_copies_print_one_after_the_other(shop):
    job = shop.job(copies=2)
    for _copy in range(2):
        shop.started()
        shop.wait_for(lambda status: status.state is MachineState.FINISHED)
        shop.machine.clear_plate()
        shop.clear_plate()

    job.refresh_from_db()
    assert (job.state, job.copies_done) == ("completed", 2)
    assert len(shop.machine.starts) == 2
    assert shop.machine.collisions == 0


def test_a_job_queued_before_its_file_was_read_gets_its_estimate(shop):
    Revision.objects.update(status=Revision.Status.READING)
    shop.revision.refresh_from_db()
    job = shop.job(copies=2)
    Revision.objects.update(status=Revision.Status.READY)

    planning.match()

    job.refresh_from_db()
    assert (job.estimate_s, job.grams) == (600, Decimal("25.00"))
