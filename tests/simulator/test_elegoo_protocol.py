"""The simulated Centauri Carbon held to the facts, seen by a client of somebody else's making."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from simulator.config import PrinterSpec
from simulator.elegoo import ElegooFront
from simulator.farm import Farm, Handle


@pytest.fixture
def printer() -> Iterator[Handle]:
    with Farm([PrinterSpec("carbon", "centauri-carbon", push_s=60)]) as farm:
        yield farm["carbon"]


def front_of(printer: Handle) -> ElegooFront:
    assert isinstance(printer.front, ElegooFront)
    return printer.front


def client(printer: Handle) -> Any:
    return connect(f"ws://{printer.host}:{printer.port}/websocket", proxy=None, compression=None)


def ask(peer: ClientConnection, cmd: int, data: dict[str, Any], board: str = "") -> None:
    said = {"Cmd": cmd, "Data": data, "RequestID": "r-1", "MainboardID": board, "TimeStamp": 1, "From": 0}
    peer.send(json.dumps({"Id": "", "Data": said, "Topic": f"sdcp/request/{board}"}))


def hear(peer: ClientConnection) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(peer.recv(5))
    return told


def ping_until_one_ends(lively: ClientConnection, silent: ClientConnection) -> None:
    for _ in range(50):
        lively.send("ping")
        lively.recv(5)
        with suppress(TimeoutError):
            silent.recv(0.1)


def test_the_fifth_client_is_refused_until_one_leaves(printer: Handle) -> None:
    with ExitStack() as four:
        for _ in range(4):
            four.enter_context(client(printer))
        with pytest.raises(InvalidStatus) as caught, client(printer):
            pass

    assert (caught.value.response.status_code, caught.value.response.body) == (500, b"too many client")
    with client(printer) as peer:
        peer.send("ping")
        assert peer.recv(5) == "pong"


def test_a_client_that_says_nothing_is_dropped_and_one_that_pings_is_not(printer: Handle) -> None:
    front_of(printer).idle_s = 0.3
    with client(printer) as silent, client(printer) as lively:
        with pytest.raises(ConnectionClosedError):
            ping_until_one_ends(lively, silent)

        lively.send("ping")
        assert lively.recv(5) == "pong"


def test_a_report_follows_the_ack_and_names_the_printer(printer: Handle) -> None:
    with client(printer) as peer:
        ask(peer, 0, {})
        ack, report = hear(peer), hear(peer)

    assert (ack["Topic"], ack["Data"]["RequestID"], ack["Data"]["Data"]) == (
        f"sdcp/response/{printer.serial}", "r-1", {"Ack": 0}
    )  # fmt: skip
    assert report["Topic"] == f"sdcp/status/{printer.serial}"
    assert report["Status"]["CurrentStatus"] == [0]
    assert "CurrenCoord" in report["Status"]


def test_a_list_comes_in_a_message_of_its_own(printer: Handle) -> None:
    with client(printer) as peer:
        ask(peer, 258, {"Url": "/local/"}, printer.serial)
        bare, listed = hear(peer), hear(peer)

    assert bare["Data"]["Data"] == {"Ack": 0}
    assert listed["Data"]["Data"] == {"Ack": 0, "FileList": []}


def test_requests_to_another_printer_are_not_answered(printer: Handle) -> None:
    with client(printer) as peer:
        ask(peer, 0, {}, "0123")
        peer.send("ping")

        assert peer.recv(5) == "pong"


def test_what_changes_is_told_to_everybody_and_the_last_step_stays(printer: Handle) -> None:
    with client(printer) as peer:
        printer.act("print-by-hand")
        begun = hear(peer)["Status"]
        printer.act("cancel-by-hand")
        seen = [hear(peer)["Status"] for _ in range(3)]

    assert (begun["CurrentStatus"], begun["PrintInfo"]["Status"]) == ([1], 16)
    assert (seen[-1]["CurrentStatus"], seen[-1]["PrintInfo"]["Status"]) == ([0], 8)
    assert seen[-1]["PrintInfo"]["TaskId"] == begun["PrintInfo"]["TaskId"] != ""
