"""A listener that the test itself turns, and simulated Bambu printers."""

import time
from collections.abc import Callable, Iterator

import pytest

from gateway import listen
from gateway.listen import Listener
from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle
from tests.factories.printers import make_printer
from tests.gateway.oddities import Behaviour, Oddity

CODE = "12345678"


class Turned(Listener):
    """A listener in the test's own thread: the database it uses is the test's."""

    def until(self, what: Callable[[], object], seconds: float = 15.0) -> None:
        """Turn until `what()` holds."""
        ends = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < ends, "it never came about"
            self.turn()

    def turns(self, count: int) -> None:
        for _ in range(count):
            self.turn()


@pytest.fixture
def listener(acme, monkeypatch) -> Iterator[Turned]:
    monkeypatch.setattr(listen, "TICK_S", 0.02)
    turned = Turned()
    turned._mailroom.start()
    yield turned
    turned._close()


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm([PrinterSpec("x1", "x1-carbon", secret=CODE, speed=60, push_s=0.05)]) as running:
        yield running


@pytest.fixture
def x1(farm) -> Handle:
    return farm["x1"]


@pytest.fixture
def printer(acme, x1):
    """The simulated X1 as a printer of acme."""
    return printer_for(x1)


@pytest.fixture
def odd(tmp_path) -> Iterator[Callable[[Behaviour], Oddity]]:
    """Opens a server of printers that behave as told."""
    opened: list[Oddity] = []

    def open_one(behave: Behaviour) -> Oddity:
        opened.append(Oddity(tmp_path, behave))
        return opened[-1]

    yield open_one
    for server in opened:
        server.close()


def bambu(number: int, port: int):
    """A printer of acme on an address of its own at which a server of the test listens."""
    return make_printer(
        protocol="bambu", address=f"127.5.{number // 250}.{number % 250 + 1}", port=port,
        serial=f"01S00X{number:09}", secret="12345678",
    )  # fmt: skip


def printer_for(handle: Handle, **fields):
    return make_printer(
        protocol="bambu", address=handle.host, port=handle.port, file_port=handle.file_port,
        **{"serial": handle.serial, "secret": CODE, **fields},
    )  # fmt: skip
