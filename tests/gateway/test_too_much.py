"""Printers that send far too much, or read nothing of what is sent to them, and the one beside them."""

import socket
import threading
import time

import pytest

from gateway import mailroom, wire
from orgs.keys import redis_client
from printers import live
from printers.drivers.driver import MachineState
from printers.link_requests import COMMAND, LinkRequest, _permit, _reply
from tests.gateway.conftest import bambu
from tests.gateway.oddities import publish, report

M = MachineState
PIECE = b" " * 65536


def known(printer):
    return live.read(printer.station.owner_id, [printer.pk]).get(printer.pk)


def is_state(printer, *states):
    return lambda: (found := known(printer)) and found.status.state in states


def layer_of(printer):
    found = known(printer)
    return found.status.layer if found else None


@pytest.mark.usefixtures("acme")
def test_a_report_of_ten_megabytes_is_told_and_not_kept(listener, odd, x1, request):
    sent = []

    def behave(line, topic):
        whole = publish(topic, report(gcode_state="PAUSE", filler="x" * (10 << 20)))
        for at in range(0, len(whole), 65536):
            line.sendall(whole[at : at + 65536])
            sent.append(65536)

    huge, printer = bambu(1, odd(behave).port), request.getfixturevalue("printer")
    listener.until(lambda: huge.pk in listener.links and listener.links[huge.pk].pause.failures == 1)
    listener.until(is_state(printer, M.IDLE))
    listener.until(is_state(huge, M.OFFLINE))

    assert "more data than any printer" in known(huge).problem
    # The line is closed at the length the packet names, long before it has come.
    assert sum(sent) < 3 * (10 << 20)
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))


@pytest.mark.usefixtures("acme")
def test_a_report_a_little_too_long_is_told_as_well(listener, odd):
    def behave(line, topic):
        line.sendall(publish(topic, report(filler="x" * (600 << 10))))
        server.over.wait()

    server = odd(behave)
    huge = bambu(1, server.port)

    listener.until(is_state(huge, M.OFFLINE))

    assert "more data than any printer" in known(huge).problem


@pytest.mark.usefixtures("acme")
def test_a_flood_of_one_printer_is_read_in_turns_with_the_others(listener, odd, x1, request, monkeypatch):
    """2,000 reports as fast as the line takes them: each turn takes a share and tells one at most."""
    over = threading.Event()

    def behave(line, topic):
        for number in range(2000):
            line.sendall(publish(topic, report(layer_num=number, total_layer_num=2000)))
        over.set()
        server.over.wait()

    server = odd(behave)
    flooding, printer = bambu(1, server.port), request.getfixturevalue("printer")
    listener.until(is_state(printer, M.IDLE))
    taken, told, turns = [], [], []
    move, tell, turn = listener._move, listener._tell, listener.turn

    def moved(link, events):
        fed = link.conversation.feed
        count = []
        if link.target.id == flooding.pk:
            link.conversation.feed = lambda payload: (count.append(1), fed(payload))[1]
        move(link, events)
        link.conversation.feed = fed
        taken.append(len(count))

    def counted(link, status, problem):
        if link.target.id == flooding.pk:
            told.append(len(turns))
        tell(link, status, problem)

    monkeypatch.setattr(listener, "_move", moved)
    monkeypatch.setattr(listener, "_tell", counted)
    monkeypatch.setattr(listener, "turn", lambda: (turns.append(1), turn())[1])

    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))
    listener.until(lambda: over.is_set() and layer_of(flooding) == 1999, seconds=60)

    assert sum(taken) > 1000
    assert max(taken) <= wire.PACKETS_AT_ONCE
    # Told once a second at most, and never twice in a turn.
    assert len(told) == len(set(told)) < 100


@pytest.mark.usefixtures("acme")
def test_orders_to_a_printer_that_reads_nothing_end_in_an_error_and_are_never_sent_late(
    listener, odd, x1, request
):
    read = []

    def behave(line, topic):
        line.sendall(publish(topic, report(gcode_state="RUNNING", task_id="7", subtask_id="7")))
        while not server.over.is_set():
            line.sendall(publish(topic, report(gcode_state="RUNNING", task_id="7", subtask_id="7")))
            if again.wait(0.05):
                read.append(line.recv(65536))

    again = threading.Event()
    server = odd(behave)
    deaf, printer = bambu(1, server.port), request.getfixturevalue("printer")
    listener.until(is_state(deaf, M.PRINTING))
    listener.until(is_state(printer, M.IDLE))
    link = listener.links[deaf.pk]
    link.wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    sent = 0
    while link.say([PIECE]):
        sent += 1
        assert sent < 500, "the printer's side never fills"
    first = link.wire

    asked = order_to(deaf)
    mailroom.obey(link, asked, time.monotonic())

    assert "Nothing was sent" in answer_to(asked)
    listener.until(lambda: link.wire is not first)
    x1.act("print-by-hand")
    listener.until(is_state(printer, M.PREPARING, M.PRINTING))
    again.set()
    listener.until(lambda: link.is_up and link.wire is not first)
    assert not any(b"pause" in piece for piece in read)


def order_to(printer) -> LinkRequest:
    """A pause that a person waits for."""
    request = LinkRequest(COMMAND, str(printer.pk), "pause", number="4711")
    redis_client().set(_permit(request.number), 1)
    return request


def answer_to(request: LinkRequest) -> str:
    said = redis_client().lpop(_reply(request.number))
    return said.decode() if said else ""


def test_a_link_whose_writing_does_not_get_on_is_given_up(listener, printer, x1, monkeypatch):
    listener.until(is_state(printer, M.IDLE))
    link = listener.links[printer.pk]
    line = link.wire
    monkeypatch.setattr(type(line), "wants_write", property(lambda self: self is line))

    for _ in range(wire.MOST_STUCK):
        line.keep_alive()
    assert link.trouble(time.monotonic()) is None
    line.keep_alive()

    assert "does not take what is sent" in str(link.trouble(time.monotonic()))
