"""What state a printer was shown in, and how long: a row for each change, none for a report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gateway.ingest import ingest
from printers import adding, failures, history, live, ordering, plates, stopping
from printers.drivers.driver import MachineState, Status
from printers.models import Printer, Stretch
from stations.models import Plate, Station
from tests.factories.printers import make_printer

IDLE, PRINTING, OFFLINE = (
    Status(MachineState.IDLE), Status(MachineState.PRINTING, progress=0.1), Status(MachineState.OFFLINE),
)  # fmt: skip


@pytest.fixture
def printer(acme):
    return make_printer("Voron 1")


def course(printer):
    rows = Stretch.objects.filter(printer=printer.pk).order_by("since", "pk")
    return [row.state + (" for its plate" if row.for_plate else "") for row in rows]


def test_a_change_of_state_is_a_row_and_reports_that_change_nothing_are_none(acme, printer):
    for progress in (0.1, 0.2, 0.3):
        ingest(acme, printer.pk, Status(MachineState.PRINTING, progress=progress))
    ingest(acme, printer.pk, OFFLINE)

    assert course(printer) == ["unknown", "printing", "offline"]


def test_one_stretch_ends_where_the_next_begins_and_one_lasts(acme, printer):
    ingest(acme, printer.pk, IDLE)
    ingest(acme, printer.pk, PRINTING)

    rows = list(Stretch.objects.filter(printer=printer).order_by("since", "pk"))
    assert [row.until for row in rows[:-1]] == [row.since for row in rows[1:]]
    assert rows[-1].until is None


def test_a_plate_in_the_way_is_told_from_a_fault(acme, printer):
    Station.objects.filter(pk=printer.pk).update(plate=Plate.OCCUPIED)
    ingest(acme, printer.pk, IDLE)
    plates.clear(printer.pk, seen_epoch=Station.objects.get(pk=printer.pk).plate_epoch)
    ingest(acme, printer.pk, Status(MachineState.ERROR))

    assert course(printer) == ["unknown", "needs_you for its plate", "ready", "needs_you"]


def test_what_people_say_of_a_printer_counts_at_once(acme, printer):
    ingest(acme, printer.pk, IDLE)
    ordering.set_service(printer, reason="Belt")
    ordering.set_service(printer, enabled=True, reason="")
    stopping.take_out([printer.pk])
    stopping.take_out([printer.pk])

    assert course(printer) == ["unknown", "ready", "out_of_service", "ready", "out_of_service"]


def test_a_printer_held_after_failures_needs_somebody_until_it_is_released(acme, printer):
    ingest(acme, printer.pk, IDLE)
    Printer.objects.filter(pk=printer.pk).update(held_at=timezone.now(), failed_in_row=3)
    history.note(printer.pk)
    failures.release(printer)

    assert course(printer) == ["unknown", "ready", "needs_you", "ready"]


def test_time_in_which_nothing_was_heard_counts_as_offline(acme, printer):
    hour = timedelta(hours=1)
    Stretch.objects.all().delete()
    ingest(acme, printer.pk, PRINTING)
    begun = timezone.now() - 3 * hour
    Stretch.objects.filter(printer=printer, until=None).update(since=begun)
    heard = timezone.now() - hour

    history.note(printer.pk, status=PRINTING, unheard_since=heard)

    rows = list(
        Stretch.objects.filter(printer=printer, since__gte=begun)
        .order_by("since")
        .values_list("state", "until")
    )
    assert [state for state, _until in rows] == ["printing", "offline", "printing"]
    assert rows[0][1] == heard


def test_the_first_report_after_a_silence_tells_of_it(acme, printer, monkeypatch):
    ingest(acme, printer.pk, PRINTING)
    known = live.read(acme.pk, [printer.pk])[printer.pk]
    earlier = timezone.now() - timedelta(hours=5)
    Stretch.objects.filter(printer=printer, until=None).update(since=earlier - timedelta(hours=1))
    monkeypatch.setattr(live, "swap", lambda *_args, **_named: live.Live(known.status, earlier))

    ingest(acme, printer.pk, PRINTING)

    silent = Stretch.objects.get(printer=printer, state="offline")
    assert silent.since == earlier


def test_what_a_deleted_printer_was_in_stays_and_lasts_no_longer(acme, printer):
    ingest(acme, printer.pk, PRINTING)
    ingest(acme, printer.pk, OFFLINE)

    adding.delete(printer)

    rows = Stretch.objects.filter(printer=None)
    assert sorted(rows.values_list("state", flat=True)) == ["offline", "printing", "unknown"]
    assert not rows.filter(until=None).exists()
