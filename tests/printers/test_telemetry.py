"""Telemetry: collected cheaply, written in batches, once a minute, and gone after 90 days."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import tenant_context

from gateway import ingest as gateway
from gateway.ingest import ingest
from orgs import agenda
from orgs.keys import redis_client
from orgs.models import Due
from printers import live, tasks, telemetry
from printers.drivers.driver import Heat, MachineState, Status
from printers.models import Reading
from tests.factories.printers import make_printer

M = MachineState
NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


def status(state=M.PRINTING, nozzle=215.04, bed=60.0, progress=0.4, **more):
    return Status(state, nozzles=(Heat(nozzle, 220),), bed=Heat(bed, 60), progress=progress, **more)


@pytest.fixture
def clock(monkeypatch):
    """The time in this process, which a test moves on."""
    now = [NOON.timestamp()]
    monkeypatch.setattr(telemetry.time, "time", lambda: now[0])
    monkeypatch.setattr(telemetry, "_taken", {})
    monkeypatch.setattr(telemetry, "_asked", {})

    def goes_on(seconds):
        now[0] += seconds

    return goes_on


@pytest.fixture(autouse=True)
def _no_jobs(monkeypatch):
    monkeypatch.setattr(gateway, "follow", lambda pk, status, before: None)


def test_a_minute_of_reports_is_one_reading(acme, clock):
    printer = make_printer()
    for _ in range(90):
        ingest(acme, printer.pk, status())
        clock(1)
    telemetry.keep()

    rows = Reading.objects.order_by("at").values_list("at", "nozzle_c", "bed_c", "chamber_c", "progress")
    first = NOON.replace(second=0)
    assert list(rows) == [(first + timedelta(minutes=n), 215.0, 60.0, None, 0.4) for n in (0, 1)]


@pytest.mark.parametrize("state", [M.PREPARING, M.PRINTING, M.PAUSED])
def test_whatever_has_a_print_on_it_is_measured(acme, clock, state):
    telemetry.collect(acme.pk, make_printer().pk, status(state))

    assert telemetry.keep()
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("state", [M.IDLE, M.OFFLINE, M.FINISHED, M.ERROR, M.BUSY, M.UNKNOWN])
def test_nothing_is_measured_where_nothing_prints(acme, clock, state):
    assert telemetry.collect(acme.pk, make_printer().pk, status(state)) is False
    assert telemetry.keep() is False


def test_reports_within_a_minute_ask_neither_redis_nor_the_database(
    acme, clock, monkeypatch, django_assert_num_queries
):
    printer = make_printer()
    ingest(acme, printer.pk, status())

    with django_assert_num_queries(0):
        ingest(acme, printer.pk, status(progress=0.41))
    monkeypatch.setattr(telemetry, "redis_client", lambda: pytest.fail("Redis was asked"))
    assert telemetry.collect(acme.pk, printer.pk, status()) is False


def test_a_new_minute_costs_one_row_of_the_agenda_for_the_whole_organisation(acme, clock):
    printers = [make_printer() for _ in range(5)]
    for printer in printers:
        ingest(acme, printer.pk, status())
    clock(60)

    with CaptureQueriesContext(connection) as asked:
        for printer in printers:
            ingest(acme, printer.pk, status())

    told = [one["sql"] for one in asked if "search_path" not in one["sql"]]
    assert ["INSERT INTO public.orgs_due" in sql for sql in told] == [True]


def test_a_database_that_is_away_costs_no_live_state(acme, clock, monkeypatch):
    printer = make_printer()
    ingest(acme, printer.pk, status())
    clock(60)
    monkeypatch.setattr(gateway.agenda, "due_at", _fails)

    with pytest.raises(ConnectionError):
        ingest(acme, printer.pk, status())

    assert live.read(acme.pk, [printer.pk])[printer.pk].status == status()
    assert ingest(acme, printer.pk, status()) is True
    assert telemetry.keep()


def test_two_processes_that_take_one_report_make_one_reading(acme, clock, monkeypatch):
    printer = make_printer()
    telemetry.collect(acme.pk, printer.pk, status(nozzle=200))
    monkeypatch.setattr(telemetry, "_taken", {})

    telemetry.collect(acme.pk, printer.pk, status(nozzle=210))
    telemetry.keep()
    monkeypatch.setattr(telemetry, "_taken", {})
    telemetry.collect(acme.pk, printer.pk, status(nozzle=220))
    telemetry.keep()

    assert list(Reading.objects.values_list("nozzle_c", flat=True)) == [200]


def test_readings_that_could_not_be_written_wait_for_the_next_time(acme, clock, monkeypatch):
    telemetry.collect(acme.pk, make_printer().pk, status())

    with monkeypatch.context() as broken:
        broken.setattr(telemetry.Reading.objects, "bulk_create", _fails)
        with pytest.raises(ConnectionError):
            telemetry.keep()

    assert telemetry.keep()
    assert Reading.objects.count() == 1


def _fails(*_given, **_named):
    raise ConnectionError


def test_a_printer_deleted_meanwhile_costs_the_others_nothing(acme, clock):
    gone, there = make_printer(), make_printer()
    for printer in (gone, there):
        telemetry.collect(acme.pk, printer.pk, status())
    gone.delete()

    telemetry.keep()

    assert [row.printer_id for row in Reading.objects.all()] == [there.pk]
    assert redis_client().hlen(f"odin:org:{acme.pk}:telemetry") == 0


@pytest.mark.parametrize("nonsense", [float("nan"), float("inf"), 1e300])
def test_a_printer_that_lies_leaves_no_impossible_value(acme, clock, nonsense):
    telemetry.collect(acme.pk, make_printer().pk, status(nozzle=nonsense, progress=nonsense))
    telemetry.keep()

    row = Reading.objects.get()
    assert row.nozzle_c in (None, 600.0)
    assert row.progress in (None, 1.0)
    assert row.bed_c == 60.0


def test_a_printer_that_measures_nothing_leaves_nothing(acme, clock):
    telemetry.collect(acme.pk, make_printer().pk, Status(M.PRINTING))

    assert telemetry.keep() is False


def test_writing_comes_due_and_ends_by_itself(acme, clock):
    ingest(acme, make_printer().pk, status())
    due = Due.objects.get(task="printers.keep_readings")
    assert timedelta() < due.due_at - timezone.now() <= timedelta(minutes=1)

    tasks.keep_readings(acme.schema_name)
    due.refresh_from_db()
    assert due.due_at is not None
    tasks.keep_readings(acme.schema_name)
    due.refresh_from_db()

    assert due.due_at is None
    assert Reading.objects.count() == 1


def test_each_organisation_writes_its_own(acme, rival, clock):
    printer = make_printer()
    telemetry.collect(acme.pk, printer.pk, status())

    tasks.keep_readings(rival.schema_name)

    with tenant_context(rival):
        assert not Reading.objects.exists()
    assert redis_client().hlen(f"odin:org:{acme.pk}:telemetry") == 1


def test_readings_are_kept_for_ninety_days(acme, clock):
    printer, now = make_printer(), timezone.now()
    for days in (91, 89):
        Reading.objects.create(printer=printer, at=now - timedelta(days=days), nozzle_c=1)

    assert telemetry.drop_old(now) is True

    assert Reading.objects.get().at == now - timedelta(days=89)


def test_dropping_comes_due_each_night_while_there_is_anything(acme, clock):
    telemetry.collect(acme.pk, make_printer().pk, status())
    tasks.keep_readings(acme.schema_name)
    night = Due.objects.get(task="printers.drop_readings").due_at
    assert timezone.localtime(night, acme.zone).hour == 3
    assert timedelta() < night - timezone.now() <= timedelta(hours=25)

    Reading.objects.all().delete()
    tasks.drop_readings(acme.schema_name)

    assert Due.objects.get(task="printers.drop_readings").due_at is None
    assert agenda.run_due() == 0


def test_a_coarser_course_has_means_and_gaps(acme):
    printer, start = make_printer(), NOON.replace(second=0)
    for minute, nozzle, progress in ((0, 100, 0.1), (1, 200, 0.2), (10, 50, None)):
        at = start + timedelta(minutes=minute)
        Reading.objects.create(printer=printer, at=at, nozzle_c=nozzle, progress=progress)
    Reading.objects.create(printer=make_printer(), at=start, nozzle_c=999)

    points = telemetry.course_of(printer.pk, start, start + timedelta(minutes=15), timedelta(minutes=5))

    assert [(point.nozzle_c, point.progress) for point in points] == [(150, 0.2), (None, None), (50, None)]
