"""Printers that take a connection and say nothing, or drop it again and again, and the one beside them."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from gateway import leases, links, listen
from gateway.holdings import Holdings
from gateway.links import Link
from printers import live
from printers.commands import Target
from printers.drivers.driver import Endpoint, MachineState
from stations.models import Station
from tests.gateway.conftest import bambu
from tests.gateway.oddities import publish, report

MANY = 40
M = MachineState


def known(printer):
    return live.read(printer.station.owner_id, [printer.pk]).get(printer.pk)


def is_state(printer, *states):
    return lambda: (found := known(printer)) and found.status.state in states


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections to any of our addresses, and never says a word."""
    with socket.create_server(("", 0), backlog=4 * MANY) as server:
        yield server.getsockname()[1]


@pytest.mark.usefixtures("acme")
def test_printers_that_open_and_never_speak_hold_up_no_other(listener, silent_port, x1, request):
    for number in range(MANY):
        bambu(number, silent_port)
    printer = request.getfixturevalue("printer")

    began = time.monotonic()
    listener.until(is_state(printer, M.IDLE))

    assert time.monotonic() - began < 8


@pytest.mark.usefixtures("acme")
def test_a_cut_link_does_not_queue_behind_printers_that_are_off(listener, printer, x1, silent_port):
    listener._connectors, listener._doubters = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    listener.until(is_state(printer, M.IDLE))
    off = [bambu(number, silent_port).pk for number in range(4)]
    listener.holdings.keep()
    for pk in off:
        listener.links[pk].unreached = True
    listener.turn()
    before = listener.links[printer.pk].epoch

    x1.act("cut")
    listener.until(lambda: listener.links[printer.pk].epoch > before and listener.links[printer.pk].is_up)

    waiting = [listener.links[pk].connecting for pk in off]
    assert any(future and not future.done() and not future.running() for future in waiting)


@pytest.mark.usefixtures("acme")
def test_a_printer_that_lets_us_in_and_never_speaks_is_told_and_left_alone(
    listener, odd, x1, request, monkeypatch
):
    monkeypatch.setattr(links, "FIRST_REPORT_S", 0.5)
    server = odd(lambda _line, _topic: server.over.wait())
    mute, printer = bambu(1, server.port), request.getfixturevalue("printer")

    listener.until(is_state(mute, M.OFFLINE))
    listener.until(is_state(printer, M.IDLE))
    listener.turns(20)

    assert "told nothing of itself" in known(mute).problem
    assert sum(server.visits.values()) == 1


@pytest.fixture
def slamming_port() -> int:
    """Nothing listens there: every connection is refused at once."""
    with socket.create_server(("", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.usefixtures("acme")
def test_a_printer_that_slams_the_door_is_not_knocked_at_without_end(listener, slamming_port, monkeypatch):
    tried = []
    connect = listen.connect
    monkeypatch.setattr(listen, "connect", lambda target: (tried.append(target), connect(target))[1])
    bambu(1, slamming_port)

    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        listener.turn()

    # At once, after about one second and after about two more.
    assert 1 <= len(tried) <= 3


@pytest.mark.usefixtures("acme")
def test_links_that_drop_and_return_at_once_are_tried_later_each_time(listener, odd, x1, request):
    server = odd(lambda line, topic: line.sendall(publish(topic, report())))
    dropping = [bambu(number, server.port) for number in range(MANY)]
    printer = request.getfixturevalue("printer")
    listener.until(is_state(printer, M.IDLE))

    listener.until(lambda: all(is_state(each, M.OFFLINE)() for each in dropping), seconds=60)
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))

    failures = {each.address: listener.links[each.pk].pause.failures for each in dropping}
    assert all(count >= 3 for count in failures.values())
    # One connection for each failure and at most one more: nothing is tried without its pause.
    assert all(server.visits[address] <= count + 1 for address, count in failures.items())
    # Each waits another while, so that they do not come back in step.
    assert len({listener.links[each.pk].pause.until for each in dropping}) == MANY


def test_a_thousand_links_that_return_at_once_ask_the_database_once(acme, django_assert_num_queries):
    holder = Holdings()
    Station.objects.bulk_create(
        Station(owner=acme, name=f"X1 {number}", protocol="bambu", machine_key=f"storm-{number}")
        for number in range(1000)
    )
    taken = [lease for _ in range(5) for lease in leases.take(holder.holder, ["bambu"])]
    returning = []
    for lease in taken:
        target = Target(lease.station_id, "bambu", Endpoint("10.0.0.1", serial="01S"))
        link = holder.links[lease.station_id] = Link(acme, target, "", lease.epoch)
        link.epoch_used = True
        returning.append(link)
    lost = returning[0].target.id
    leases.release(holder.holder, [lost])

    with django_assert_num_queries(1):
        kept = holder.renumber(returning)

    assert {link.target.id for link in kept} == {lease.station_id for lease in taken[1:]}
    assert all(link.epoch == lease.epoch + 1 for link, lease in zip(kept, taken[1:], strict=True))
    assert lost not in holder.links


@pytest.mark.usefixtures("acme")
def test_while_the_database_is_away_returning_links_do_not_ask_it_at_every_turn(
    listener, printer, x1, monkeypatch
):
    listener.until(is_state(printer, M.IDLE))
    asked = []

    def away(*_given):
        asked.append(1)
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(leases, "new_links", away)
    monkeypatch.setattr(listen, "QUIET_S", 3600.0)

    x1.act("cut")
    listener.until(lambda: asked)
    listener.turns(30)

    assert len(asked) == 1
