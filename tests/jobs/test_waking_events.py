"""What may let a job start sends a match run at once, and does not leave it to the sweep."""

from collections.abc import Callable

import pytest

from gateway.ingest import ingest
from inventory import loading
from jobs import editing
from jobs.models import Job
from orgs import agenda
from orgs.editing import change_settings
from orgs.models import Due, Org
from printers import failures, live, plates
from printers.adding import change
from printers.drivers.driver import MachineState, Outcome, Status, Tray
from printers.models import Printer
from stations.models import Plate
from tests.factories.inventory import make_spool
from tests.factories.printers import make_printer

M = MachineState


def before(shop, state, **more):
    live.swap(shop.org_id, shop.printer.pk, Status(state, **more))


def reports(shop, state, **more):
    ingest(Org.objects.get(pk=shop.org_id), shop.printer.pk, Status(state, **more))


def a_printer_falls_ready(shop):
    before(shop, M.PRINTING, job_key="x")
    return lambda: reports(shop, M.FINISHED, outcome=Outcome.COMPLETED, job_key="x")


def a_printer_answers_again(shop):
    before(shop, M.OFFLINE, full=False)
    return lambda: reports(shop, M.IDLE)


def a_printer_is_warm(shop):
    before(shop, M.PREPARING, job_key="x")
    return lambda: reports(shop, M.PRINTING, job_key="x")


def the_printer_says_what_is_loaded(shop):
    before(shop, M.BUSY)
    return lambda: reports(shop, M.BUSY, trays=(Tray(0, "PETG", "#FFFFFF"),))


def a_plate_is_cleared(shop):
    plates.mark(shop.printer.pk, Plate.OCCUPIED)
    return shop.clear_plate


def a_job_is_queued(shop):
    return shop.job


def a_job_is_to_start_by_itself(shop):
    job = shop.job()
    Job.objects.update(auto_start=False)
    return lambda: editing.edit(job, {"auto_start": True})


def a_spool_is_loaded(shop):
    spool = make_spool()
    return lambda: loading.load(spool, shop.printer.slots.get(index=0))


def the_organisation_switches_it_on(shop):
    Org.objects.update(auto_queue=False)
    return lambda: change_settings(Org.objects.get(pk=shop.org_id), {"auto_queue": True})


def more_may_heat_up(shop):
    Org.objects.update(heat_at_once=1)
    return lambda: change_settings(Org.objects.get(pk=shop.org_id), {"heat_at_once": 2})


def the_printer_is_switched_on(shop):
    printer = Printer.objects.get(pk=shop.printer.pk)
    printer.auto_queue = True
    return lambda: change(printer)


def a_hold_is_released(shop):
    failures.note_failed(shop.printer.pk)
    return lambda: failures.release(shop.printer)


def a_printer_is_added(shop):
    return make_printer


EVENTS = [
    a_printer_falls_ready, a_printer_answers_again, a_printer_is_warm, the_printer_says_what_is_loaded,
    a_plate_is_cleared, a_job_is_queued, a_job_is_to_start_by_itself, a_spool_is_loaded,
    the_organisation_switches_it_on, more_may_heat_up, the_printer_is_switched_on, a_hold_is_released,
    a_printer_is_added,
]  # fmt: skip


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_match_run_follows_at_once(shop, event: Callable, monkeypatch, django_capture_on_commit_callbacks):
    happen = event(shop)
    Due.objects.update(due_at=None)
    sent: list[str] = []
    monkeypatch.setattr(agenda, "_send", lambda task, schema: sent.append(task))

    with django_capture_on_commit_callbacks(execute=True):
        happen()

    assert [task for task in sent if task != "maintenance.look"] == ["jobs.match"]


def test_report_that_changes_nothing_wakes_nobody(shop, monkeypatch, django_capture_on_commit_callbacks):
    before(shop, M.PRINTING, job_key="x", progress=0.1)
    Due.objects.update(due_at=None)
    sent: list[str] = []
    monkeypatch.setattr(agenda, "_send", lambda task, schema: sent.append(task))

    with django_capture_on_commit_callbacks(execute=True):
        reports(shop, M.PRINTING, job_key="x", progress=0.2)

    assert sent == []
