"""The meter of a printer: what is counted, what is corrected, and the hours of its nozzle."""

from decimal import Decimal
from uuid import uuid4

import pytest

from audit.models import Entry
from jobs import following
from maintenance import counting, doing, nozzles
from maintenance.models import LogEntry, Meter, Task
from maintenance.reckoning import reckoned
from maintenance.refusing import Refused
from orgs.models import Due
from printers.drivers.driver import MachineState, Outcome, Status
from printers.models import Printer
from stations.models import Dispatch, Station

from .conftest import HOUR
from .prints import printing


def meter(printer) -> Meter:
    return Meter.objects.get(printer=printer)


def used_h(task) -> float:
    return reckoned(Task.objects.filter(pk=task.pk)).get().used_s / HOUR


def test_print_is_added_to_meter_tasks_and_nozzle(printer, task):
    made = task(used_h=5)

    counting.count(printer.pk, 2 * HOUR)

    assert meter(printer).printed_s == 102 * HOUR
    assert used_h(made) == 7
    assert nozzles.used_s(meter(printer)) == 102 * HOUR


def test_first_print_makes_the_meter(printer):
    Meter.objects.all().delete()

    counting.count(printer.pk, 60)

    assert meter(printer).printed_s == 60


@pytest.mark.parametrize("printed_s", [0, -5])
def test_nothing_is_counted_for_no_time(printer, printed_s):
    counting.count(printer.pk, printed_s)

    assert meter(printer).printed_s == 100 * HOUR


def test_printer_that_tells_of_centuries_is_not_believed(printer):
    counting.count(printer.pk, 10**12)

    assert meter(printer).printed_s == 100 * HOUR + counting.MOST_PRINT_S


def test_print_of_a_printer_that_is_gone_counts_nowhere(printer):
    counting.count(uuid4(), 60)

    assert Meter.objects.count() == 1


def test_look_is_due_only_when_something_became_due(printer, task):
    task(every_hours=10)
    Due.objects.all().delete()

    counting.count(printer.pk, HOUR)
    before = Due.objects.filter(task=counting.LOOK).exists()
    counting.count(printer.pk, 8 * HOUR)

    assert (before, Due.objects.filter(task=counting.LOOK).exists()) == (False, True)


def ended(printer, outcome: Outcome, elapsed_s: int | None) -> Dispatch:
    """The end of a print of ours, told twice."""
    dispatch = printing(printer)
    status = Status(MachineState.FINISHED, outcome=outcome, elapsed_s=elapsed_s, job_key=dispatch.start_id)
    for _turn in range(2):
        following.end(
            Station.objects.get(pk=printer.pk), Dispatch.objects.get(pk=dispatch.pk), outcome, status
        )
    return dispatch


@pytest.mark.parametrize("outcome", list(Outcome))
def test_end_of_a_print_counts_once_however_it_ends(printer, person, outcome):
    ended(printer, outcome, 3 * HOUR)

    assert meter(printer).printed_s == 103 * HOUR


def test_print_whose_time_nobody_told_counts_at_most_twice_what_was_sliced(printer):
    """It began an hour ago, and was sliced to take ten minutes."""
    ended(printer, Outcome.COMPLETED, None)

    assert meter(printer).printed_s == 100 * HOUR + 1200


def test_hours_before_it_came_here_leave_tasks_and_nozzle_as_they_stand(printer, task):
    made = task(used_h=5)
    nozzles.fit(printer, None, nozzle_mm=0.4, hardened=False)

    counting.correct(printer, 1500 * HOUR, counts_for_tasks=False)

    assert (meter(printer).printed_s, used_h(made), nozzles.used_s(meter(printer))) == (1500 * HOUR, 5, 0)


def test_hours_printed_elsewhere_meanwhile_count_for_tasks_and_nozzle(printer, task):
    made = task(used_h=5)

    counting.correct(printer, 130 * HOUR, counts_for_tasks=True)

    assert (used_h(made), nozzles.used_s(meter(printer))) == (35, 130 * HOUR)
    entry = Entry.objects.get(action="maintenance.correct_hours")
    assert (entry.before["hours"], entry.after["hours"]) == (100, 130)


def test_correction_downwards_never_gives_negative_hours(printer, task):
    made = task()

    counting.correct(printer, 10 * HOUR, counts_for_tasks=True)

    assert used_h(made) == 0


def test_correction_of_a_count_that_went_on_is_refused(printer):
    with pytest.raises(Refused, match="A print has ended"):
        counting.correct(printer, 5, counts_for_tasks=False, seen_s=99)

    assert meter(printer).printed_s == 100 * HOUR


@pytest.mark.parametrize("printed_s", [-1, 10**12])
def test_impossible_hours_are_refused(printer, printed_s):
    with pytest.raises(Refused, match="from 0 to"):
        counting.correct(printer, printed_s, counts_for_tasks=False)


def test_new_nozzle_is_the_printers_and_begins_at_no_hours(printer, person):
    entry = nozzles.fit(
        printer, person("operator"), nozzle_mm=0.6, hardened=True, cost=Decimal("12.50"), note=" Ruby "
    )

    now = Printer.objects.get(pk=printer.pk)
    assert (now.nozzle_mm, now.hardened_nozzle) == (0.6, True)
    assert nozzles.used_s(meter(printer)) == 0
    assert (entry.what, entry.note, entry.used_s) == ("Nozzle of 0.6 mm, hardened", "Ruby", 100 * HOUR)


def test_nozzle_taken_back_is_as_it_was_also_after_a_correction(printer, person):
    nozzles.fit(printer, None, nozzle_mm=0.4, hardened=False)
    counting.count(printer.pk, 50 * HOUR)
    first = meter(printer).nozzle_fitted_at
    entry = nozzles.fit(printer, None, nozzle_mm=0.8, hardened=True)
    counting.correct(printer, 1000 * HOUR, counts_for_tasks=False)

    doing.take_back(entry)

    now = Printer.objects.get(pk=printer.pk)
    assert (now.nozzle_mm, now.hardened_nozzle) == (0.4, False)
    assert (nozzles.used_s(meter(printer)), meter(printer).nozzle_fitted_at) == (50 * HOUR, first)
    assert LogEntry.objects.count() == 1


def test_second_click_on_another_nozzle_is_refused(printer):
    nozzles.fit(printer, None, nozzle_mm=0.6, hardened=False, seen="")

    with pytest.raises(Refused, match="another nozzle meanwhile"):
        nozzles.fit(printer, None, nozzle_mm=0.6, hardened=False, seen="")

    assert LogEntry.objects.count() == 1
