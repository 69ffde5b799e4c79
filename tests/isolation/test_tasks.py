"""A task in one organisation does nothing to the things of another, whose ids it was given.

Dispatches and stations are in the public schema, where no schema stops it.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django_tenants.utils import get_public_schema_name

from odin_site.celery import app
from orgs.keys import redis_client
from orgs.models import Org
from printers.models import Tag
from stations.models import OPEN, Dispatch, Station
from tests.surface import has_parameter, routes

from .conftest import search_path
from .planting import CANARY

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
def nowhere(monkeypatch) -> list[Any]:
    """Which printers were talked to; no name is looked up and nothing else is called."""
    asked: list[Any] = []

    def unknown(*_args: Any, **_options: Any) -> None:
        raise socket.gaierror("no network in tests")

    for module in ("staging", "starting", "reconciling"):
        monkeypatch.setattr(f"jobs.{module}.driver_for", lambda target: asked.append(target))
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    return asked


def given(name: str, known: dict[str, Any]) -> list[Any]:
    kind = TASKS[name]
    return {"": [], "printers": [[str(known["printer"])]]}.get(kind) or ([str(known[kind])] if kind else [])


def in_each_state(name: str, dispatch: Any) -> Iterator[str]:
    """Before each run of a task of a dispatch that is in a state of its own."""
    for state in OPEN if TASKS[name] == "dispatch" else ("planned",):
        Dispatch.objects.filter(pk=dispatch).update(state=state)
        yield f"{name} {state}"


def test_no_task_touches_things_of_another_organisation(acme, rival, theirs, picture, nowhere):
    Station.objects.filter(pk=theirs["printer"]).update(hold=theirs["dispatch"])
    wrong = []

    for name in TASKS:
        for what in in_each_state(name, theirs["dispatch"]):
            before = picture()
            with suppress(ObjectDoesNotExist):
                app.tasks[name].run(acme.schema_name, *given(name, theirs))
            wrong += [what] if picture() != before or connection.schema_name != acme.schema_name else []

    assert wrong == []
    assert nowhere == []


# While an organisation is suspended its prints are followed to their end, and their files cleared away.
ENDS_PRINTS = {
    "jobs.settle_refusal", "jobs.ask_outcome", "jobs.cancel_at_printer", "jobs.clean_up",
    "gateway.poll_chunk",
}  # fmt: skip


@pytest.mark.parametrize("state", ["archived", "suspended", "spare"])
def test_no_task_does_anything_in_an_organisation_that_is_not_active(state, rival, theirs, picture, nowhere):
    Org.objects.filter(pk=rival.pk).update(state=state)
    before = picture()

    for name in TASKS:
        if state != "suspended" or name not in ENDS_PRINTS:
            app.tasks[name].run(rival.schema_name, *given(name, theirs))

    assert picture() == before
    assert nowhere == []


def test_task_that_breaks_leaves_the_schema_that_was_in_use(rival, monkeypatch):
    def broken() -> None:
        list(Tag.objects.all())
        raise ZeroDivisionError

    monkeypatch.setattr("jobs.planning.match_in_turn", broken)

    with pytest.raises(ZeroDivisionError):
        app.tasks["jobs.match"].run(rival.schema_name)

    assert connection.schema_name == get_public_schema_name()
    assert search_path() == get_public_schema_name()


def test_task_takes_plain_values_only():
    assert app.conf.task_serializer == "json"
    assert list(app.conf.accept_content) == ["json"]


def test_mails_keys_and_log_lines_of_one_organisation_tell_nothing_to_others(
    acme, rival, theirs, ours, sign_in, api, nowhere, caplog, mailoutbox
):
    """Every task of both organisations, and every page of the one with the word in all its texts."""
    caplog.set_level("DEBUG")
    client = sign_in("admin", "rival")
    client.raise_request_exception = False
    for org, known in ((rival, theirs), (acme, ours)):
        for name in TASKS:
            if TASKS[name] != "dispatch":
                with suppress(ObjectDoesNotExist):
                    app.tasks[name].run(org.schema_name, *given(name, known))
    for route in routes("odin_site.urls"):
        if not (route.is_admin or route.is_for_keys or has_parameter(route.pattern)):
            client.get(f"/o/rival/{route.pattern}")

    told = {mail.to[0] for mail in mailoutbox if CANARY in str(mail.message())}
    lines = [one for one in map(caplog.handler.format, caplog.records) if CANARY in one]
    keys = [key.decode() for key in redis_client().keys("*") if CANARY.encode() in _kept(key)]
    assert told == {"operator@rival.test", "admin@rival.test"}
    assert len(mailoutbox) > len(told)
    assert lines == []
    assert keys
    assert [key for key in keys if not key.startswith(f"odin:org:{rival.pk}:")] == []


def _kept(key: bytes) -> bytes:
    """All that Redis holds under a key, of whichever type."""
    client = redis_client()
    read = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    return str(read[client.type(key)](key)).encode()
