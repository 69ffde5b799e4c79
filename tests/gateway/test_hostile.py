"""Printers that take a connection and say nothing, or drop it again and again, and the one beside them."""

import socket
import time
from collections.abc import Iterator

import pytest

from printers import live
from printers.drivers.driver import MachineState
from tests.factories.printers import make_printer

MANY = 40


def known(printer):
    return live.read(printer.station.owner_id, [printer.pk]).get(printer.pk)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections to any of our addresses, and never says a word."""
    with socket.create_server(("", 0), backlog=4 * MANY) as server:
        yield server.getsockname()[1]


def bambu(number, port):
    return make_printer(
        protocol="bambu", address=f"127.5.{number // 250}.{number % 250 + 1}", port=port,
        serial=f"01S00X{number:09}", secret="12345678",
    )  # fmt: skip


@pytest.mark.usefixtures("acme")
def test_printers_that_open_and_never_speak_hold_up_no_other(listener, silent_port, x1, request):
    for number in range(MANY):
        bambu(number, silent_port)
    printer = request.getfixturevalue("printer")

    began = time.monotonic()
    listener.until(lambda: (told := known(printer)) and told.status.state is MachineState.IDLE)

    assert time.monotonic() - began < 8


@pytest.fixture
def slamming_port() -> int:
    """Nothing listens there: every connection is refused at once."""
    with socket.create_server(("", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.usefixtures("acme")
def test_a_printer_that_slams_the_door_is_not_knocked_at_without_end(listener, slamming_port, monkeypatch):
    tried = []
    submit = listener._connectors.submit
    monkeypatch.setattr(
        listener._connectors, "submit", lambda work, target: (tried.append(target), submit(work, target))[1]
    )
    bambu(1, slamming_port)

    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        listener.turn()

    # At once, after about one second and after about two more.
    assert 1 <= len(tried) <= 3
