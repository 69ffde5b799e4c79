"""Two workers, or two clicks, at the same moment: commits are commits here, and undone by hand."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from audit.models import Entry
from bulk import talking
from bulk.choosing import Choice
from bulk.editing import do_chunk
from bulk.models import Run
from bulk.outcomes import close
from bulk.running import start
from models3d import shelving
from models3d.bulk import MODELS
from models3d.models import Model3D
from orgs.models import Due, Membership, Org

from .conftest import said


@pytest.fixture
def org(django_db_setup: None, django_db_blocker: Any) -> Iterator[Org]:
    with django_db_blocker.unblock(), schema_context(get_public_schema_name()):
        acme = Org.objects.get(slug="acme")
        with tenant_context(acme):
            Model3D.objects.bulk_create(Model3D(name=f"M{number:02}") for number in range(20))
            yield acme
            Run.objects.all().delete()
            Model3D.objects.all().delete()
            Entry.objects.filter(action__in=["model.archive", "bulk.archive", "bulk.ring"]).delete()
        Due.objects.filter(org=acme).delete()


def together(org: Org, *functions: Any) -> None:
    """Each in a thread with a connection of its own, all begun at the same moment."""
    gate, wrong = threading.Barrier(len(functions), timeout=10), []

    def work(function: Any) -> None:
        try:
            with tenant_context(org):
                gate.wait()
                function()
        except Exception as error:  # noqa: BLE001  # handed to the test
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []


def choice(org: Org) -> Choice:
    membership = Membership.objects.get(user__email="operator@acme.test", org=org)
    return Choice(MODELS, membership, matching=Model3D.objects.all())


def test_two_workers_share_a_run_and_do_each_row_once(org, monkeypatch):
    monkeypatch.setattr("bulk.running.AT_ONCE", -1)
    run = start(choice(org), "archive", {})
    monkeypatch.setattr("bulk.editing.CHUNK", 2)
    did = {0: 0, 1: 0}
    real = shelving.archive
    monkeypatch.setattr(shelving, "archive", lambda model: (real(model), time.sleep(0.01)))

    def until_none_is_left(worker: int) -> None:
        while number := do_chunk(run):
            did[worker] += number

    together(org, lambda: until_none_is_left(0), lambda: until_none_is_left(1))
    close(run)

    assert run.counts()["done"] == sum(did.values()) == 20
    assert min(did.values()) > 0
    assert Entry.objects.filter(action="model.archive").count() == 20
    run.refresh_from_db()
    assert run.is_over


def test_two_clicks_at_once_do_each_row_once_and_the_second_says_so(org):
    runs: list[Run] = []

    together(org, *[lambda: runs.append(start(choice(org), "archive", {}))] * 2)

    told = sorted(words for run in runs for words in said(run).values())
    assert told.count("done") == 20
    # The second looks before the first has begun, or afterwards.
    assert set(told) <= {"done", "It is in the archive already.", "It is not in the library."}
    assert Entry.objects.filter(action="model.archive").count() == 20
    assert all(run.is_over for run in runs)


def test_two_workers_never_ask_one_machine_twice(org, machines):
    run = start(choice(org), "ring", {})
    machines.answer = lambda model: time.sleep(0.01)

    def until_none_is_left() -> None:
        while talking.do_next(run):
            pass

    together(org, until_none_is_left, until_none_is_left)

    assert sorted(machines.asked) == [f"M{number:02}" for number in range(20)]
    assert run.counts()["done"] == 20
