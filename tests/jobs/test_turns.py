"""Matching after events: one run at a time, which goes round again for what came meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from jobs import planning

LOCK = "SELECT pg_advisory_xact_lock(hashtext(%s))"


@pytest.fixture
def runs(monkeypatch):
    """The calls of `match`; what is put into `during` happens while the first of them is on."""
    made = Runs()
    monkeypatch.setattr(planning, "match", made)
    return made


class Runs(list):
    during = None

    def __call__(self, *, looks):
        self.append(looks)
        if self.during:
            event, self.during = self.during, None
            event()


def elsewhere(work):
    """Do it on another connection, as another worker would."""

    def run():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(30)


def test_an_event_during_a_run_makes_it_go_round_once_more(acme, runs):
    runs.during = lambda: elsewhere(lambda: _event(acme))

    planning.match_in_turn()

    assert len(runs) == 2


def _event(org):
    with tenant_context(org):
        planning.match_in_turn()


def test_whoever_comes_during_a_run_does_not_match_and_does_not_wait(acme, runs):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [f"turn {acme.schema_name}"])
        elsewhere(lambda: _event(acme))

        assert runs == []

    planning.match_in_turn()
    assert len(runs) == 1


def test_without_events_a_run_is_one(acme, runs):
    planning.match_in_turn()

    assert len(runs) == 1
    planning.match_in_turn()
    assert len(runs) == 2


def test_a_run_that_fails_gives_its_turn_back(acme, runs, monkeypatch):
    def fail(*, looks):
        raise ZeroDivisionError

    monkeypatch.setattr(planning, "match", fail)
    with pytest.raises(ZeroDivisionError):
        planning.match_in_turn()
    monkeypatch.setattr(planning, "match", runs)

    elsewhere(lambda: _event(acme))

    assert len(runs) == 1
