"""A task in one organisation does nothing to the things of another, whose ids it was given.

Dispatches and stations are in the public schema, where no schema stops it.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django_tenants.utils import tenant_context

from jobs.models import Print
from odin_site.celery import app
from orgs.models import Org
from stations.models import OPEN, Dispatch, Station

app.autodiscover_tasks(force=True)

# What each task is given besides its organisation: the kind of id, or nothing.
TASKS: dict[str, str] = {
    "jobs.match": "",
    "jobs.stage": "dispatch",
    "jobs.claim": "dispatch",
    "jobs.start": "dispatch",
    "jobs.settle_refusal": "dispatch",
    "jobs.ask_outcome": "dispatch",
    "jobs.cancel_at_printer": "dispatch",
    "jobs.clean_up": "dispatch",
    "maintenance.look": "",
    "models3d.read": "",
    "alerts.send": "",
    "alerts.hold_anew": "",
    "bulk.work": "",
    "bulk.talk": "run",
    "printers.keep_readings": "",
    "printers.drop_readings": "",
    "bulk.rush": "run",
    "gateway.poll_chunk": "printers",
    "gateway.identify": "printer",
    "inventory.look": "",
    "reports.work": "",
    "reports.set_times": "",
}
# These belong to no organisation, or make their own things only.
PLATFORM = {
    "accounts.deliver", "demo.fill", "gateway.poll_fleet", "jobs.reconcile", "orgs.run_due",
    "orgs.keep_spares", "alerts.sweep", "accounts.mail_reset",
}  # fmt: skip


def test_every_task_is_listed_here():
    known = {name for name in app.tasks if not name.startswith("celery.")}

    assert known == set(TASKS) | PLATFORM


@pytest.fixture
def their_dispatch(rival: Org, theirs: dict[str, Any]) -> UUID:
    with tenant_context(rival):
        one = Print.objects.get(job=theirs["job"])
    made = Dispatch.objects.create(
        station_id=theirs["printer"], org=rival, print_id=one.pk, sha256="0" * 64, size=9,
        remote_name="theirs.gcode", start_id="12345",
    )  # fmt: skip
    return made.pk


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("name", TASKS)
def test_task_leaves_things_of_another_organisation_alone(
    name, state, acme, theirs, their_dispatch, picture, monkeypatch
):
    Dispatch.objects.filter(pk=their_dispatch).update(state=state)
    Station.objects.filter(pk=theirs["printer"]).update(hold=their_dispatch)
    asked: list[Any] = []
    for module in ("staging", "starting", "reconciling"):
        monkeypatch.setattr(f"jobs.{module}.driver_of", lambda printer: asked.append(printer))
    given = {"dispatch": [str(their_dispatch)], "printers": [[str(theirs["printer"])]],
             "printer": [str(theirs["printer"])], "run": [str(theirs["run"])], "": []}  # fmt: skip
    before = picture()

    with suppress(ObjectDoesNotExist):
        app.tasks[name].run(acme.schema_name, *given[TASKS[name]])

    assert picture() == before
    assert asked == []


# While an organisation is suspended its prints are followed to their end, and their files cleared away.
ENDS_PRINTS = {
    "jobs.settle_refusal", "jobs.ask_outcome", "jobs.cancel_at_printer", "jobs.clean_up",
    "gateway.poll_chunk",
}  # fmt: skip
CLOSED = [
    (name, state)
    for name in TASKS
    for state in ("archived", "suspended", "spare")
    if not (state == "suspended" and name in ENDS_PRINTS)
]


@pytest.mark.parametrize(("name", "state"), CLOSED)
def test_task_does_nothing_in_an_organisation_that_is_not_active(
    name, state, rival, theirs, their_dispatch, picture
):
    Org.objects.filter(pk=rival.pk).update(state=state)
    given = {"dispatch": [str(their_dispatch)], "printers": [[str(theirs["printer"])]],
             "printer": [str(theirs["printer"])], "run": [str(theirs["run"])], "": []}  # fmt: skip
    before = picture()

    app.tasks[name].run(rival.schema_name, *given[TASKS[name]])

    assert picture() == before
