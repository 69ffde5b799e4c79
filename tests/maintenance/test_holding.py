"""Overdue maintenance that holds: the gate, the sentence, the start by hand, and what lists show."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import by_hand, facts, gates
from jobs.models import Job
from jobs.submitting import Order, submit
from maintenance import doing, holding, setting
from maintenance.doing import Work
from orgs.models import Org
from printers import live
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from tests.factories.models3d import make_model
from tests.factories.printers import make_printer

from .conftest import HOUR


@pytest.fixture
def ready(acme, printer) -> Printer:
    """The printer is idle and clear, everything that starts by itself is on."""
    Org.objects.filter(pk=acme.pk).update(auto_queue=True)
    acme.auto_queue = True
    Printer.objects.filter(pk=printer.pk).update(auto_queue=True)
    live.swap(acme.pk, printer.pk, Status(MachineState.IDLE))
    return printer


@pytest.fixture
def job(ready, person) -> Job:
    by = person("operator")
    return submit(Order(make_model(by=by).current, auto_start=True), by)


def against(printer) -> list[str]:
    (machine,) = facts.machines([printer.pk])
    moment = gates.Moment(timezone.now(), True, True, True)
    return [gate.text for gate in gates.blocking(gates.ready(machine, moment))]


def test_overdue_task_that_holds_fails_the_gate_with_its_name(ready, task):
    task("Grease spindles", used_h=400, holds=True)
    task("Lubricate rods", used_h=310, holds=True)

    assert against(ready) == ["maintenance is overdue: Grease spindles, Lubricate rods"]


@pytest.mark.parametrize(
    "fields", [{"used_h": 310}, {"used_h": 299, "holds": True}], ids=["only told", "due"]
)
def test_task_that_does_not_hold_or_is_only_due_holds_nothing(ready, task, fields):
    task(**fields)

    assert against(ready) == []


def test_done_lets_it_go_on(ready, task):
    made = task(used_h=310, holds=True)

    doing.done(made, None, Work())

    assert against(ready) == []


def test_person_starts_by_hand_with_a_reason_only(job, ready, task):
    task(used_h=310, holds=True)

    with pytest.raises(by_hand.NeedsReason) as asked:
        by_hand.start(job, ready.pk)

    assert "maintenance" in {gate.name for gate in asked.value.gates}
    assert by_hand.start(job, ready.pk, "Only a small part").overridden


def test_machines_ask_once_for_all_their_maintenance(acme, printer, task):
    counts = []
    for number in range(1, 9):
        with CaptureQueriesContext(connection) as asked:
            facts.machines()
        counts.append(len([one for one in asked if "maintenance_task" in one["sql"]]))
        other = make_printer(f"Other {number}")
        setting.add(other, {"name": "Rods", "every_hours": 1, "holds": True}, used_s=9 * HOUR)

    assert set(counts) == {1}
    assert len(holding.held_by()) == 8
    assert holding.held_by([printer.pk]) == {}


def test_held_printer_needs_you_and_says_why(ready, task, api, sign_in):
    task(used_h=310, holds=True)

    told = api("viewer").get(f"/api/printers/{ready.pk}").json()
    page = sign_in("viewer").get("/o/acme/printers/").text

    assert (told["state"], told["maintenance"]) == ("needs_you", "overdue")
    assert "Maintenance is overdue: Lubricate rods." in page


def test_due_printer_stays_ready_and_is_marked(ready, task, api, sign_in):
    task(used_h=280, holds=True)

    told = api("viewer").get(f"/api/printers/{ready.pk}").json()
    pages = [sign_in("viewer").get(f"/o/acme/printers/{query}").text for query in ("", "?view=table")]

    assert (told["state"], told["maintenance"]) == ("ready", "due")
    assert all("Maintenance due" in page for page in pages)


def test_printer_without_anything_due_has_no_mark(ready, task, api, sign_in):
    task()

    assert api("viewer").get(f"/api/printers/{ready.pk}").json()["maintenance"] is None
    assert "Maintenance due" not in sign_in("viewer").get("/o/acme/printers/").text
