from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError

from alerts.models import Alert
from gateway import ingest as module
from gateway.ingest import ingest
from orgs.keys import redis_client
from orgs.models import Due
from printers import live
from printers.drivers.driver import Fault, MachineState, Status, Tray
from stations.models import Plate, Station
from tests.factories.printers import make_printer

M = MachineState
AWAY = Status(M.OFFLINE, full=False)


@pytest.fixture
def followed(monkeypatch):
    """The reports that reached the jobs."""
    seen = []
    monkeypatch.setattr(module, "follow", lambda pk, status, before: seen.append((pk, status)))
    return seen


def test_only_a_change_reaches_the_jobs(acme, followed):
    printer = make_printer()
    for progress in (0.1, 0.2, 0.3):
        ingest(acme, printer.pk, Status(M.PRINTING, progress=progress, job_key="7"))

    ingest(acme, printer.pk, Status(M.PRINTING, progress=0.4, job_key="8"))

    assert [status.job_key for _pk, status in followed] == ["7", "8"]


def test_an_unchanged_status_asks_the_database_nothing(acme, followed, django_assert_num_queries):
    printer = make_printer()
    ingest(acme, printer.pk, Status(M.IDLE))

    with django_assert_num_queries(0):
        ingest(acme, printer.pk, Status(M.IDLE, progress=0.5))


def test_redis_emptied_is_rebuilt_by_the_next_report(acme, followed):
    printer = make_printer()
    ingest(acme, printer.pk, Status(M.IDLE))
    redis_client().flushdb()

    ingest(acme, printer.pk, Status(M.IDLE))

    assert live.read(acme.pk, [printer.pk])[printer.pk].status == Status(M.IDLE)
    assert len(followed) == 2


def test_what_was_not_heard_for_minutes_is_taken_in_though_it_looks_the_same(acme, followed):
    printer = make_printer(protocol="octoprint")
    Station.objects.filter(pk=printer.pk).update(plate=Plate.CLEAR)
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=5)):
        ingest(acme, printer.pk, Status(M.IDLE))
    Station.objects.filter(pk=printer.pk).update(plate=Plate.CLEAR)

    ingest(acme, printer.pk, Status(M.IDLE))
    ingest(acme, printer.pk, Status(M.IDLE))

    assert len(followed) == 2
    assert printer.station.plate == Plate.UNKNOWN


def test_printer_that_is_away_behind_its_server_says_why(acme, followed):
    printer = make_printer(name="Ender")

    ingest(acme, printer.pk, replace(AWAY, faults=(Fault("not connected", "No cable.", "warning"),)))

    alert = Alert.objects.get()
    assert (alert.kind, alert.detail) == ("printer.offline", "No cable.")


def test_an_older_link_changes_nothing(acme, followed):
    printer = make_printer()
    ingest(acme, printer.pk, Status(M.PRINTING), link_epoch=3)

    assert ingest(acme, printer.pk, Status(M.IDLE), link_epoch=2) is False

    assert [status.state for _pk, status in followed] == [M.PRINTING]


def test_when_acting_fails_the_next_report_counts_as_a_change(acme, monkeypatch):
    printer, seen = make_printer(), []

    def fails_once(_pk, status, _before):
        seen.append(status)
        if len(seen) == 1:
            raise OperationalError("the server went away")

    monkeypatch.setattr(module, "follow", fails_once)
    with pytest.raises(OperationalError):
        ingest(acme, printer.pk, Status(M.IDLE))

    ingest(acme, printer.pk, Status(M.IDLE))

    assert len(seen) == 2


def test_trays_become_slots_and_what_is_taken_out_is_emptied(acme, followed):
    printer = make_printer(slots=1)

    ingest(acme, printer.pk, Status(M.IDLE, trays=(Tray(0, "PLA", "#FF0000", 0.5, "T1"), Tray(1, "PETG"))))
    ingest(acme, printer.pk, Status(M.IDLE, trays=(Tray(0, "PLA", "#FF0000", 0.4, "T1"), Tray(1))))

    assert list(printer.slots.values_list("index", "material", "color", "tag")) == [
        (0, "PLA", "#FF0000", "T1"),
        (1, "", "", ""),
    ]


def test_slots_without_news_are_not_written(acme, followed, django_assert_num_queries):
    printer = make_printer()
    trays = (Tray(0, "PLA"), Tray(1, "PETG"))
    module.keep_slots(printer, trays)

    with django_assert_num_queries(1):
        module.keep_slots(printer, trays)


def test_an_offline_printer_is_one_alert_and_its_return_closes_it(acme, followed):
    printer = make_printer(name="Voron")
    ingest(acme, printer.pk, Status(M.IDLE))

    ingest(acme, printer.pk, AWAY, problem="No answer.")

    alert = Alert.objects.get()
    assert (alert.kind, alert.title, alert.detail) == ("printer.offline", "Voron is offline", "No answer.")
    ingest(acme, printer.pk, Status(M.IDLE))
    alert.refresh_from_db()
    assert alert.resolved_at


def test_a_fault_asks_for_a_person_until_it_is_gone(acme, followed):
    printer = make_printer(name="Voron")

    ingest(acme, printer.pk, Status(M.PAUSED, faults=(Fault("runout", "No filament."),)))

    alert = Alert.objects.get()
    assert (alert.kind, alert.detail) == ("printer.needs_you", "No filament.")
    ingest(acme, printer.pk, Status(M.PRINTING))
    alert.refresh_from_db()
    assert alert.resolved_at


def test_an_error_is_an_alert_of_its_own_and_closes_what_waited_for_a_hand(acme, followed):
    printer = make_printer(name="Voron")
    ingest(acme, printer.pk, Status(M.PAUSED, faults=(Fault("runout", "No filament."),)))

    ingest(acme, printer.pk, Status(M.ERROR, faults=(Fault("heat", "Heater 1 is out of control."),)))

    broken = Alert.objects.get(kind="printer.error")
    assert (broken.severity, broken.title) == ("critical", "Voron has stopped with an error")
    assert Alert.objects.get(kind="printer.needs_you").resolved_at
    ingest(acme, printer.pk, Status(M.IDLE))
    broken.refresh_from_db()
    assert broken.resolved_at


def test_a_printer_that_becomes_free_wakes_the_queue(acme, followed):
    printer = make_printer()
    Due.objects.all().delete()
    ingest(acme, printer.pk, Status(M.PRINTING))
    assert not Due.objects.filter(task="jobs.match").exists()

    ingest(acme, printer.pk, Status(M.FINISHED))

    assert Due.objects.filter(task="jobs.match").exists()


def test_a_printer_deleted_meanwhile_is_no_error(acme, followed):
    printer = make_printer()
    pk = printer.pk
    printer.delete()

    ingest(acme, pk, Status(M.IDLE))

    assert followed == []
