"""Prints that were started at the machine count too: by what the printer tells, once, also over restarts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gateway.ingest import ingest
from jobs import following, strangers
from maintenance.models import ForeignPrint, Meter, Task
from maintenance.reckoning import reckoned
from printers import live
from printers.drivers.driver import MachineState, Outcome, Status
from printers.models import Reading
from stations.models import Dispatch, DispatchState, Station

from .conftest import HOUR
from .prints import printing

M = MachineState
BEFORE_H = 100


def hours(printer) -> float:
    """What the meter has more than before."""
    return Meter.objects.get(printer=printer).printed_s / HOUR - BEFORE_H


def says(printer, state, key="theirs", **more):
    following.follow(printer.pk, Status(state, job_key=key, **more))


def begun(printer, ago_h: float) -> None:
    """The foreign print that runs began so many hours ago."""
    since = timezone.now() - timedelta(hours=ago_h)
    ForeignPrint.objects.filter(printer=printer).update(since=since)


def after(printer, ago_h: float) -> None:
    """The last one ended so many hours ago."""
    ForeignPrint.objects.update(ended_at=timezone.now() - timedelta(hours=ago_h))


def test_it_counts_what_the_printer_tells_at_its_end(printer):
    says(printer, M.PRINTING)
    says(printer, M.FINISHED, outcome=Outcome.COMPLETED, elapsed_s=3 * HOUR)

    assert hours(printer) == 3


def test_without_that_it_counts_the_time_since_it_was_seen_to_begin(printer):
    says(printer, M.PREPARING)
    begun(printer, 2)
    says(printer, M.PRINTING)
    says(printer, M.PAUSED)
    says(printer, M.IDLE, key="")

    assert hours(printer) == pytest.approx(2, abs=0.01)


def test_one_that_ran_before_it_was_seen_counts_from_its_begin(printer):
    says(printer, M.PRINTING, elapsed_s=5 * HOUR)
    says(printer, M.IDLE, key="")

    assert hours(printer) == pytest.approx(5, abs=0.01)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_it_counts_however_it_ended_and_only_once(printer, outcome):
    says(printer, M.PRINTING)
    for _turn in range(3):
        says(printer, M.FINISHED, outcome=outcome, elapsed_s=HOUR)

    assert hours(printer) == 1


def test_a_report_that_is_older_than_the_end_counts_nothing_twice(printer):
    says(printer, M.PRINTING)
    says(printer, M.FINISHED, elapsed_s=3 * HOUR)
    says(printer, M.PRINTING, elapsed_s=3 * HOUR)
    says(printer, M.FINISHED, elapsed_s=3 * HOUR)

    assert hours(printer) == 3


def test_one_that_goes_on_after_an_error_counts_the_rest_but_not_the_wait(printer):
    printer.protocol = "bambu"
    printer.save(update_fields=["protocol"])
    Station.objects.filter(pk=printer.pk).update(protocol="bambu")
    says(printer, M.PRINTING, key="4711")
    begun(printer, 2)
    says(printer, M.ERROR, key="4711")
    after(printer, 12)
    says(printer, M.PRINTING, key="4711")
    says(printer, M.IDLE, key="4711")

    assert hours(printer) == pytest.approx(2, abs=0.01)


def test_the_same_file_printed_again_later_counts_again(printer):
    for _time in range(2):
        says(printer, M.PRINTING, key=":cube.gcode")
        says(printer, M.FINISHED, key=":cube.gcode", elapsed_s=HOUR)
        after(printer, 1)

    assert hours(printer) == 2


def test_one_without_a_number_goes_on_where_the_printer_tells_all_of_its_time(printer):
    says(printer, M.PRINTING, key=":cube.gcode")
    says(printer, M.ERROR, key=":cube.gcode", elapsed_s=2 * HOUR)
    after(printer, 12)
    says(printer, M.PRINTING, key=":cube.gcode", elapsed_s=2 * HOUR)
    says(printer, M.FINISHED, key=":cube.gcode", elapsed_s=5 * HOUR)

    assert hours(printer) == 5


def test_another_one_right_after_it_counts_for_itself(printer):
    says(printer, M.PRINTING, key="first")
    begun(printer, 1)
    says(printer, M.PRINTING, key="second")
    begun(printer, 2)
    says(printer, M.IDLE, key="")

    assert hours(printer) == pytest.approx(3, abs=0.01)


def test_a_print_that_is_named_late_is_one_print(printer):
    says(printer, M.PREPARING, key="")
    begun(printer, 1)
    says(printer, M.PRINTING, key=":cube.gcode")
    says(printer, M.FINISHED, key=":cube.gcode", elapsed_s=2 * HOUR)

    assert hours(printer) == 2


def test_a_print_of_ours_counts_once_and_not_as_a_foreign_one(printer):
    dispatch = printing(printer)
    key = dispatch.start_id
    says(printer, M.PRINTING, key=key)
    says(printer, M.FINISHED, key=key, outcome=Outcome.COMPLETED, elapsed_s=HOUR)
    says(printer, M.IDLE, key=key)

    assert hours(printer) == 1
    assert not ForeignPrint.objects.exists()


def test_what_turns_out_to_be_ours_is_not_counted_twice(printer):
    says(printer, M.PRINTING, key="named late")
    begun(printer, 1)
    dispatch = printing(printer)
    says(printer, M.PRINTING, key=dispatch.start_id)
    says(printer, M.FINISHED, key=dispatch.start_id, outcome=Outcome.COMPLETED, elapsed_s=HOUR)

    assert hours(printer) == 1


def test_while_a_start_of_ours_is_in_doubt_nothing_is_taken_for_a_foreign_print(printer):
    dispatch = printing(printer)
    Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.UNCLEAR)

    says(printer, M.PRINTING, key="unknown yet")

    assert not ForeignPrint.objects.exists()


def test_a_restart_in_between_changes_nothing(printer, acme):
    ingest(acme, printer.pk, Status(M.PRINTING, job_key="theirs"))
    begun(printer, 2)
    live.forget(acme.pk, printer.pk)

    ingest(acme, printer.pk, Status(M.PRINTING, job_key="theirs"))
    ingest(acme, printer.pk, Status(M.FINISHED, job_key="theirs", outcome=Outcome.COMPLETED))
    live.forget(acme.pk, printer.pk)
    ingest(acme, printer.pk, Status(M.FINISHED, job_key="theirs", outcome=Outcome.COMPLETED))

    assert hours(printer) == pytest.approx(2, abs=0.01)


def test_of_one_that_ended_unseen_only_what_was_seen_counts(printer, acme):
    says(printer, M.PRINTING)
    begun(printer, 48)
    since = ForeignPrint.objects.get().since
    Reading.objects.create(printer=printer, at=since + timedelta(hours=1), progress=0.5)

    strangers.after_gap(printer.pk, Status(M.IDLE))
    says(printer, M.IDLE, key="")

    assert hours(printer) == pytest.approx(1, abs=0.02)


def test_of_one_that_ended_unseen_all_counts_if_the_printer_tells_it(printer):
    says(printer, M.PRINTING)
    begun(printer, 48)

    strangers.after_gap(printer.pk, Status(M.FINISHED, job_key="theirs", elapsed_s=7 * HOUR))
    says(printer, M.FINISHED, elapsed_s=7 * HOUR)

    assert hours(printer) == 7


def test_a_printer_that_tells_of_centuries_is_not_believed(printer):
    says(printer, M.PRINTING, elapsed_s=10**12)
    says(printer, M.FINISHED, elapsed_s=10**12)

    assert hours(printer) == 60 * 24


def test_foreign_hours_make_tasks_due(printer, task):
    made = task(every_hours=5)
    says(printer, M.PRINTING)
    says(printer, M.FINISHED, elapsed_s=6 * HOUR)

    assert reckoned(Task.objects.filter(pk=made.pk)).get().standing == "overdue"
