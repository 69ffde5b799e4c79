"""Dispatch rules 4 to 6, 8 and 9: when a start counts as not made, and what the plate is after it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models.functions import Now

from jobs import following, reconciling, staging, starting, stopping
from printers.drivers.driver import DriverError, StartRefused, Trouble
from printers.drivers.moonraker import MoonrakerDriver
from stations.models import Dispatch, DispatchState

S = DispatchState


@pytest.fixture
def sent(monkeypatch) -> list[tuple[str, UUID]]:
    """The messages to workers, as (task, dispatch)."""
    told: list[tuple[str, UUID]] = []
    for module in (following, reconciling, staging, starting, stopping):
        monkeypatch.setattr(module, "send", lambda task, pk: told.append((task, pk)))
    return told


def of(dispatch: Dispatch) -> Dispatch:
    return Dispatch.objects.get(pk=dispatch.pk)


def long_ago(dispatch, seconds):
    Dispatch.objects.filter(pk=dispatch.pk).update(step_at=Now() - timedelta(seconds=seconds))


def start_that(shop, monkeypatch, error) -> Dispatch:
    """A dispatch whose start ended in `error`."""
    dispatch = shop.held()

    def fails(self, order):
        raise error

    monkeypatch.setattr(MoonrakerDriver, "start", fails)
    starting.start_polled(dispatch.pk)
    monkeypatch.undo()
    return of(dispatch)


def test_start_without_an_answer_is_never_settled_as_refused(shop, monkeypatch, sent):
    shop.job()
    dispatch = start_that(shop, monkeypatch, DriverError(Trouble.UNREACHABLE, "no answer"))
    long_ago(dispatch, 30)
    sent.clear()

    reconciling.reconcile()
    starting.settle_refusal(dispatch.pk)

    assert ("jobs.settle_refusal", dispatch.pk) not in sent
    assert of(dispatch).state == S.STARTING
    assert shop.station.hold_id == dispatch.pk
    assert dispatch.remote_name in shop.machine.picture()["files"]


def test_refusal_that_met_no_worker_is_settled_by_the_reconciler(shop, monkeypatch, sent):
    shop.job()
    dispatch = start_that(shop, monkeypatch, StartRefused(Trouble.REFUSED, "SD busy"))
    long_ago(dispatch, 30)

    reconciling.reconcile()

    assert ("jobs.settle_refusal", dispatch.pk) in sent
