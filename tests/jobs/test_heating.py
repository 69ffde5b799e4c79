"""Staggered heating: at most so many printers of an organisation heat up at once."""

import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models.functions import Now

from jobs import ahead, by_hand, heating, planning, staging, starting, tasks
from jobs.models import Job
from orgs.models import Due, Org
from printers import live
from printers.drivers.driver import MachineState, Status
from stations.models import Dispatch, DispatchState
from tests.factories.printers import make_printer
from tests.inventory.conftest import at_once, for_real  # noqa: F401  # fixtures

S = DispatchState


@pytest.fixture
def one_at_once(shop) -> None:
    Org.objects.update(heat_at_once=1)


@pytest.fixture
def other(shop):
    return make_printer("Voron 2")


def says(shop, printer, state, **more):
    live.swap(shop.org_id, printer.pk, Status(state, **more))


def staged(shop) -> Dispatch:
    dispatch = shop.planned()
    staging.stage(dispatch.pk)
    dispatch.refresh_from_db()
    return dispatch


def claimed(dispatch) -> str:
    starting.claim(dispatch.pk)
    dispatch.refresh_from_db()
    return dispatch.state


def test_start_waits_while_another_printer_heats_and_says_so(shop, one_at_once, other):
    job = shop.job()
    dispatch = staged(shop)
    says(shop, other, MachineState.PREPARING)

    assert claimed(dispatch) == S.STAGED

    job.refresh_from_db()
    assert job.why_not == "Its file is on the printer; it waits because 1 printer is heating up."
    planning.match()
    job.refresh_from_db()
    assert "1 printer is heating up" in job.why_not


def test_start_goes_on_once_the_other_is_warm(shop, one_at_once, other, monkeypatch):
    job = shop.job()
    dispatch = staged(shop)
    says(shop, other, MachineState.PREPARING)
    claimed(dispatch)
    says(shop, other, MachineState.PRINTING)
    sent = []
    monkeypatch.setattr(ahead, "send", lambda task, pk: sent.append((task, pk)))

    planning.match()

    assert sent == [("jobs.claim", dispatch.pk)]
    assert Job.objects.get(pk=job.pk).why_not == ""
    assert claimed(dispatch) == S.HELD


def test_nothing_is_sent_again_while_there_is_no_room(shop, one_at_once, other, monkeypatch):
    shop.job()
    dispatch = staged(shop)
    says(shop, other, MachineState.PREPARING)
    claimed(dispatch)
    sent = []
    monkeypatch.setattr(ahead, "send", lambda task, pk: sent.append((task, pk)))

    planning.match()

    assert sent == []


@pytest.mark.parametrize("state", [S.HELD, S.STARTING, S.CONFIRMED])
def test_started_printer_counts_before_it_tells_anything(shop, one_at_once, other, state):
    shop.job()
    dispatch = staged(shop)
    begun = Dispatch.objects.create(
        station=other.station, org=shop.station.owner, print_id=other.pk, sha256="0", size=1, start_id="1",
        state=state,
    )  # fmt: skip

    assert heating.heating() == {other.pk}
    assert claimed(dispatch) == S.STAGED

    Dispatch.objects.filter(pk=begun.pk).update(state=S.ENDED)
    assert claimed(dispatch) == S.HELD


def test_confirmed_print_no_longer_counts_when_it_prints(shop, other):
    Dispatch.objects.create(
        station=other.station, org=shop.station.owner, print_id=other.pk, sha256="0", size=1, start_id="1",
        state=S.CONFIRMED,
    )  # fmt: skip
    says(shop, other, MachineState.PRINTING)

    assert heating.heating() == set()


def test_printer_that_never_gets_warm_does_not_hold_up_the_farm(shop, one_at_once, other):
    shop.job()
    dispatch = staged(shop)
    Dispatch.objects.create(
        station=other.station, org=shop.station.owner, print_id=other.pk, sha256="0", size=1, start_id="1",
        state=S.CONFIRMED, step_at=Now() - heating.LONGEST - timedelta(seconds=1),
    )  # fmt: skip
    says(shop, other, MachineState.PREPARING)

    assert claimed(dispatch) == S.HELD


def test_print_of_the_machine_itself_counts_no_longer_than_the_limit(shop, other, monkeypatch):
    says(shop, other, MachineState.PREPARING)
    first = heating.heating()
    later = heating.time.time() + heating.LONGEST.total_seconds() + 1
    monkeypatch.setattr(heating.time, "time", lambda: later)

    assert (first, heating.heating()) == ({other.pk}, set())


def test_without_a_limit_all_start_at_once(shop, other):
    shop.job()
    says(shop, other, MachineState.PREPARING)

    assert claimed(staged(shop)) == S.HELD


def test_person_starts_by_hand_all_the_same(shop, one_at_once, other):
    job = shop.job()
    dispatch = staged(shop)
    says(shop, other, MachineState.PREPARING)
    claimed(dispatch)

    mine = by_hand.start(job, shop.printer.pk)
    staging.stage(mine.pk)

    dispatch.refresh_from_db()
    assert dispatch.state == S.DROPPED
    assert claimed(mine) == S.HELD


def test_held_back_start_meets_every_gate_again(shop, one_at_once, other):
    shop.job()
    dispatch = staged(shop)
    says(shop, other, MachineState.PREPARING)
    claimed(dispatch)
    says(shop, other, MachineState.PRINTING)
    Org.objects.update(auto_queue=False)

    assert claimed(dispatch) == S.DROPPED


def test_raising_the_limit_looks_at_the_queue(shop, admin_of_acme):
    Due.objects.all().delete()

    admin_of_acme.post("/o/acme/settings/", SETTINGS | {"heat_at_once": 4})

    assert Due.objects.filter(task="jobs.match").exists()


SETTINGS = {
    "name": "Acme", "time_zone": "UTC", "currency": "EUR", "auto_queue": "on", "heat_at_once": 0,
    "hold_after_failures": 1,
}  # fmt: skip


@pytest.fixture
def admin_of_acme(sign_in):
    return sign_in("admin")


@pytest.mark.parametrize(("sent", "kept"), [({"heat_at_once": ""}, 0), ({}, 3)])
def test_an_emptied_number_is_off_and_one_that_was_not_sent_stays(acme, sign_in, sent, kept):
    Org.objects.update(heat_at_once=3)
    fields = {name: value for name, value in SETTINGS.items() if name != "heat_at_once"}

    sign_in("admin").post("/o/acme/settings/", fields | sent)

    assert Org.objects.get(pk=acme.pk).heat_at_once == kept


def test_waiting_copies_of_a_job_that_prints_are_swept_too(shop):
    job = shop.job(copies=2)
    Job.objects.filter(pk=job.pk).update(state="printing")

    tasks.match(shop.station.owner.schema_name)

    assert Due.objects.get(task="jobs.match").due_at is not None


def test_of_two_claims_at_once_one_sees_the_other(for_real, at_once):  # noqa: F811  # fixtures
    Org.objects.filter(pk=for_real.pk).update(heat_at_once=1)
    printers = [make_printer(f"Twin {at}") for at in range(2)]

    def claim(printer):
        with transaction.atomic():
            if not heating.has_room():
                return False
            Dispatch.objects.create(
                station=printer.station, org=for_real, print_id=printer.pk, sha256="0", size=1, start_id="1",
                state=S.HELD,
            )  # fmt: skip
            time.sleep(0.3)
            return True

    try:
        outcomes = at_once(*(partial(claim, printer) for printer in printers))
    finally:
        Org.objects.filter(pk=for_real.pk).update(heat_at_once=0)
        Dispatch.objects.filter(org=for_real).delete()

    assert sorted(outcomes) == [False, True]
