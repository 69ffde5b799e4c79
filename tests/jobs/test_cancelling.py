"""Cancelling: at once what waits, at the printer what prints."""

import pytest

from inventory.models import Usage
from jobs import stopping
from jobs.models import Job, Print
from jobs.states import IllegalMove
from printers.drivers.driver import MachineState
from stations.models import Dispatch, DispatchState


def test_a_waiting_job_is_cancelled_at_once(shop):
    job = shop.job(copies=3)

    stopping.cancel(job)

    assert job.state == "cancelled"
    assert set(Print.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_held_printer_is_free_again(shop):
    job = shop.job()
    dispatch = shop.held()

    stopping.cancel(job)

    assert shop.station.hold is None
    assert Dispatch.objects.get(pk=dispatch.pk).state == DispatchState.DROPPED
    assert Job.objects.get().state == "cancelled"


def test_a_printing_job_ends_when_the_printer_reports_it(shop):
    shop.machine.machine.speed = 20
    job = shop.job()
    dispatch = shop.started()
    shop.wait_for(lambda status: status.state is MachineState.PRINTING)
    stopping.cancel(job)
    assert Job.objects.get().state == "printing"

    stopping.cancel_at_printer(dispatch.pk)
    shop.wait_for(lambda status: status.state is MachineState.FINISHED)

    shop.machine.machine.speed = 2000
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert Usage.objects.filter(grams__lt=12.5).count() <= 1


def test_a_job_that_is_over_can_not_be_cancelled(shop):
    job = shop.job()
    stopping.cancel(job)

    with pytest.raises(IllegalMove):
        stopping.cancel(job)


def test_only_the_copies_that_wait_are_cancelled_while_one_prints(shop):
    job = shop.job(copies=2)
    shop.started()
    shop.report()

    stopping.cancel(job)

    assert list(Print.objects.order_by("copy").values_list("state", flat=True)) == ["printing", "cancelled"]
    assert Dispatch.objects.get().cancel_wanted
