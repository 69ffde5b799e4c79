from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from orgs.keys import redis_client
from printers import live
from printers.drivers.driver import Fault, Heat, MachineState, Outcome, Status, Tray

ORG = uuid4()
PRINTING = Status(
    MachineState.PRINTING, Outcome.FAILED, "RUNNING", 0.42, 1800, 60, "a.gcode", "17:a.gcode", 3, 90,
    (Heat(215.2, 215.0), Heat(30.0)), Heat(60.1, 60.0), Heat(31.0), {"fan": 40},
    (Fault("0300", "cold", "info"),), (Tray(0, "PLA", "#FF6A13", 0.8, "AB"), Tray(1)), 12.5, full=False,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _empty_redis():
    redis_client().flushdb()


def test_a_status_comes_back_as_it_went_in():
    pk = uuid4()

    live.swap(ORG, pk, PRINTING, problem="Slow answers.")

    found = live.read(ORG, [pk, uuid4()])
    assert list(found) == [pk]
    assert found[pk].status == PRINTING
    assert found[pk].problem == "Slow answers."


def test_swap_returns_what_was_known_before():
    pk = uuid4()

    assert live.swap(ORG, pk, Status(MachineState.IDLE)) is None
    assert live.swap(ORG, pk, PRINTING).status == Status(MachineState.IDLE)


def test_an_older_link_is_refused_and_stores_nothing():
    pk = uuid4()
    live.swap(ORG, pk, PRINTING, link_epoch=7)

    with pytest.raises(live.StaleLink):
        live.swap(ORG, pk, Status(MachineState.IDLE), link_epoch=6)

    assert live.read(ORG, [pk])[pk].status == PRINTING
    live.swap(ORG, pk, Status(MachineState.IDLE), link_epoch=7)
    live.swap(ORG, pk, Status(MachineState.IDLE), link_epoch=8)


def test_pages_are_told_of_what_changed_and_of_nothing_else():
    first, second = uuid4(), uuid4()
    live.swap(ORG, first, PRINTING)
    version, _changed = live.changes_since(ORG, 0)

    live.swap(ORG, second, PRINTING)

    assert live.changes_since(ORG, version)[1] == {second}
    assert live.changes_since(uuid4(), 0) == (0, set())


def test_a_warmer_nozzle_of_less_than_a_degree_is_no_news():
    pk = uuid4()
    live.swap(ORG, pk, Status(MachineState.IDLE, nozzles=(Heat(24.1),)))
    version, _changed = live.changes_since(ORG, 0)

    live.swap(ORG, pk, Status(MachineState.IDLE, nozzles=(Heat(24.4),)))
    assert live.changes_since(ORG, version) == (version, set())

    live.swap(ORG, pk, Status(MachineState.IDLE, nozzles=(Heat(25.0),)))
    assert live.changes_since(ORG, version)[1] == {pk}


def test_a_touched_printer_is_fetched_again():
    pk = uuid4()
    live.swap(ORG, pk, PRINTING)
    version, _changed = live.changes_since(ORG, 0)

    live.touch(ORG, [pk])

    assert live.changes_since(ORG, version)[1] == {pk}


def test_after_redis_is_emptied_the_next_reports_reach_old_pages():
    pk = uuid4()
    live.swap(ORG, pk, PRINTING)
    version, _changed = live.changes_since(ORG, 0)
    redis_client().flushdb()
    assert live.changes_since(ORG, version) == (version, set())

    assert live.swap(ORG, pk, PRINTING) is None

    assert live.changes_since(ORG, version)[1] == {pk}


def test_a_forgotten_printer_is_gone_and_pages_hear_of_it():
    pk = uuid4()
    live.swap(ORG, pk, PRINTING)
    version, _changed = live.changes_since(ORG, 0)

    live.forget(ORG, pk)

    assert live.read(ORG, [pk]) == {}
    assert live.changes_since(ORG, version)[1] == {pk}


def test_records_expire():
    pk = uuid4()

    live.swap(ORG, pk, PRINTING)

    assert all(0 < redis_client().ttl(key) <= live.LIFE_S for key in redis_client().keys("*:live:*"))


@pytest.mark.parametrize(("protocol", "age_s", "fresh"), [
    ("moonraker", 20, True), ("moonraker", 40, False), ("bambu", 80, True), ("bambu", 110, False),
])  # fmt: skip
def test_freshness_depends_on_how_the_printer_tells(protocol, age_s, fresh):
    now = timezone.now()

    known = live.Live(PRINTING, now - timedelta(seconds=age_s))

    assert live.is_fresh(known, protocol, now) is fresh
    assert not live.is_fresh(None, protocol, now)


def test_the_version_of_a_new_page_is_that_of_the_last_change():
    assert live.version_of(ORG) == 0

    live.swap(ORG, uuid4(), PRINTING)

    assert live.version_of(ORG) == live.changes_since(ORG, 0)[0] > 0
