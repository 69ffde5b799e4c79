"""Whatever answers at the address of an Elegoo: only a DriverError comes out, soon, and with words."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from printers.drivers import elegoo_link
from printers.drivers.driver import DriverError, Endpoint, MachineState, Trouble
from printers.drivers.elegoo import ElegooDriver
from printers.drivers.elegoo_socket import MESSAGE_BYTES

ATTRIBUTES = {"MachineName": "Centauri Carbon", "MainboardID": "b0a2d", "ProtocolVersion": "V3.0.0"}
STATUS = {"CurrentStatus": [0], "PrintInfo": {"Status": 0}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elegoo_link, "ANSWER_S", 0.5)
    monkeypatch.setattr(elegoo_link, "SETTLE_S", 0.1)


@contextmanager
def sdcp(answer: Callable[[ServerConnection, dict[str, Any]], None]) -> Iterator[Endpoint]:
    """A WebSocket server that has `answer` say something to each request's Data."""

    def talk(peer: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            for message in peer:
                answer(peer, json.loads(message)["Data"])

    with serve(talk, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Endpoint("127.0.0.1", server.socket.getsockname()[1])
        server.shutdown()


def say(peer: ServerConnection, **told: object) -> None:
    peer.send(json.dumps(told))


def acknowledge(peer: ServerConnection, data: dict[str, Any], **more: object) -> None:
    answer = {"Cmd": data["Cmd"], "Data": {"Ack": 0, **more}, "RequestID": data["RequestID"]}
    say(peer, Topic="sdcp/response/b0a2d", Data=answer)


def well(peer: ServerConnection, data: dict[str, Any]) -> None:
    acknowledge(peer, data)
    if data["Cmd"] == 1:
        say(peer, Topic="sdcp/attributes/b0a2d", Attributes=ATTRIBUTES)
    elif data["Cmd"] == 0:
        say(peer, Topic="sdcp/status/b0a2d", Status=STATUS)


def trouble_of(endpoint: Endpoint) -> Trouble:
    """What kind of trouble probe and status meet there."""
    driver = ElegooDriver(endpoint)
    found = set()
    for call in (driver.probe, driver.status):
        with pytest.raises(DriverError, match=r"\.$") as caught:
            call()
        found.add(caught.value.trouble)
    driver.close()
    assert len(found) == 1
    return found.pop()


def state_at(endpoint: Endpoint) -> MachineState:
    with closing(ElegooDriver(endpoint)) as driver:
        return driver.status().state


def test_a_report_inside_data_is_found_too() -> None:
    def nested(peer: ServerConnection, data: dict[str, Any]) -> None:
        acknowledge(peer, data)
        say(peer, Topic="sdcp/status/b0a2d", Data={"Status": STATUS, "Attributes": ATTRIBUTES})

    with sdcp(nested) as endpoint:
        assert state_at(endpoint) is MachineState.IDLE


@pytest.mark.parametrize("acks", [True, False])
def test_a_report_before_the_ack_or_without_one_is_good_enough(acks: bool) -> None:
    def hasty(peer: ServerConnection, data: dict[str, Any]) -> None:
        say(peer, Topic="sdcp/attributes/b0a2d", Attributes=ATTRIBUTES)
        say(peer, Topic="sdcp/status/b0a2d", Status=STATUS)
        if acks:
            acknowledge(peer, data)

    with sdcp(hasty) as endpoint:
        assert state_at(endpoint) is MachineState.IDLE


def test_a_newer_report_after_the_ack_is_taken() -> None:
    def twice(peer: ServerConnection, data: dict[str, Any]) -> None:
        say(peer, Topic="sdcp/status/b0a2d", Status={"CurrentStatus": [1], "PrintInfo": {"Status": 13}})
        well(peer, data)

    with sdcp(twice) as endpoint:
        assert state_at(endpoint) is MachineState.IDLE


def test_the_printers_id_is_named_in_every_request_once_it_is_known() -> None:
    named: list[tuple[int, str, int]] = []

    def noting(peer: ServerConnection, data: dict[str, Any]) -> None:
        named.append((data["Cmd"], data["MainboardID"], len(data["RequestID"])))
        well(peer, data)

    with sdcp(noting) as endpoint:
        driver = ElegooDriver(endpoint)
        driver.status()
        driver.close()
        driver.status()
        driver.close()

    assert named == [(1, "", 32), (0, "b0a2d", 32), (1, "", 32), (0, "b0a2d", 32)]


def test_pings_of_the_printer_are_answered() -> None:
    alive: list[bool] = []

    def pinging(peer: ServerConnection, data: dict[str, Any]) -> None:
        if data["Cmd"] == 0:
            pong = peer.ping()
            well(peer, data)
            threading.Thread(target=lambda: alive.append(pong.wait(2)), daemon=True).start()
        else:
            well(peer, data)

    with sdcp(pinging) as endpoint:
        driver = ElegooDriver(endpoint)
        driver.status()
        driver.status()
        end = time.monotonic() + 3
        while not alive and time.monotonic() < end:
            time.sleep(0.01)
        driver.close()

    assert alive
    assert alive[0]


@pytest.mark.parametrize("size", [MESSAGE_BYTES + 1, 8 << 20])
def test_a_huge_message_is_not_taken(size: int) -> None:
    def huge(peer: ServerConnection, data: dict[str, Any]) -> None:
        if data["Cmd"] == 1:
            well(peer, data)
        else:
            peer.send("x" * size)

    with sdcp(huge) as endpoint:
        assert trouble_of(endpoint) is Trouble.NONSENSE


def test_a_huge_message_in_small_frames_is_not_taken_either() -> None:
    def huge(peer: ServerConnection, data: dict[str, Any]) -> None:
        if data["Cmd"] == 1:
            well(peer, data)
        else:
            peer.send("x" * 65536 for _ in range(64))

    with sdcp(huge) as endpoint:
        assert trouble_of(endpoint) is Trouble.NONSENSE


def test_a_message_of_single_letters_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    report = json.dumps({"Topic": "sdcp/status/b0a2d", "Status": STATUS, "Padding": "x" * 20_000})

    def spelling(peer: ServerConnection, data: dict[str, Any]) -> None:
        acknowledge(peer, data)
        if data["Cmd"] == 1:
            say(peer, Topic="sdcp/attributes/b0a2d", Attributes=ATTRIBUTES)
        else:
            peer.send(letter for letter in report)

    monkeypatch.setattr(elegoo_link, "ANSWER_S", 20.0)
    with sdcp(spelling) as endpoint:
        assert state_at(endpoint) is MachineState.IDLE


def test_endless_talk_that_answers_nothing_ends_in_time() -> None:
    def babbling(peer: ServerConnection, data: dict[str, Any]) -> None:
        if data["Cmd"] == 1:
            well(peer, data)
            return
        end = time.monotonic() + 3
        while time.monotonic() < end:
            say(peer, Topic="sdcp/notice/b0a2d", Data={"Data": {"Message": "x" * 500}})

    with sdcp(babbling) as endpoint:
        begun = time.monotonic()
        assert trouble_of(endpoint) is Trouble.NONSENSE
        assert time.monotonic() - begun < 6


@pytest.mark.parametrize(
    "message",
    ["", "pong", "null", "7", "[]", "{}", '"x"', "[" * 100_000, '{"Data": 7}', '{"Data": {"Data": []}}',
     '{"Topic": 7, "Status": "idle", "Attributes": 1}', '{"Attributes": {"MainboardID": {}}}',
     "9" * 5000, '{"Status": {"CurrentStatus": ' + "9" * 5000 + "}}", "\ud7ff\u0000"],
    ids=range(15),
)  # fmt: skip
def test_nonsense_is_passed_over_and_in_the_end_told(message: str) -> None:
    def odd(peer: ServerConnection, data: dict[str, Any]) -> None:
        peer.send(message)
        if data["Cmd"] == 1:
            well(peer, data)

    with sdcp(odd) as endpoint:
        assert trouble_of(endpoint) is Trouble.NONSENSE


@contextmanager
def http(status: int, body: bytes, headers: dict[str, str] | None = None) -> Iterator[Endpoint]:
    """A web server that gives one answer to everything."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Endpoint("127.0.0.1", server.server_port)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "headers", "trouble"),
    [
        (200, {}, Trouble.WRONG_PROTOCOL), (404, {}, Trouble.WRONG_PROTOCOL),
        (302, {"Location": "ws://127.0.0.1:9/websocket"}, Trouble.WRONG_PROTOCOL),
        (500, {}, Trouble.NOT_READY), (503, {}, Trouble.NOT_READY),
        (101, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "wrong"},
         Trouble.WRONG_PROTOCOL),
    ],
    ids=["page", "missing", "redirect", "full", "full too", "false key"],
)  # fmt: skip
def test_a_web_server_is_no_printer(status: int, headers: dict[str, str], trouble: Trouble) -> None:
    with http(status, b"<html>It works!</html>", headers) as endpoint:
        assert trouble_of(endpoint) is trouble


@pytest.mark.parametrize(
    ("greeting", "trouble"),
    [
        (b"220 mail.example.test ESMTP\r\n", Trouble.WRONG_PROTOCOL), (b"", Trouble.UNREACHABLE),
        (b"\x16\x03\x01" * 50, Trouble.UNREACHABLE),
        (b"HTTP/1.1 101" + b"x" * 200_000, Trouble.WRONG_PROTOCOL),
    ],
    ids=["mail", "hangs up", "binary", "endless line"],
)  # fmt: skip
def test_a_line_that_speaks_no_http_is_no_printer(greeting: bytes, trouble: Trouble) -> None:
    def greet() -> None:
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                with line:
                    line.recv(4096)
                    line.sendall(greeting)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=greet, daemon=True).start()
        assert trouble_of(Endpoint("127.0.0.1", server.getsockname()[1])) is trouble


def test_a_port_that_takes_and_never_answers_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        begun = time.monotonic()
        assert trouble_of(Endpoint("127.0.0.1", server.getsockname()[1])) is Trouble.UNREACHABLE
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 300, "bad host"])
def test_a_host_that_is_none_is_a_driver_error(host: str) -> None:
    assert trouble_of(Endpoint(host)) is Trouble.UNREACHABLE
