"""Looking for Elegoo printers: what their answers say, and what is no answer."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from printers.drivers.elegoo_nearby import Nearby, look_around, read_answer

DATA = {
    "Name": "Left one", "MachineName": "Centauri Carbon", "BrandName": "ELEGOO", "MainboardIP": "192.168.1.2",
    "MainboardID": "5c441dd30105041800009c0000000000", "ProtocolVersion": "V3.0.0",
    "FirmwareVersion": "V1.4.49",
}  # fmt: skip


def answer(**other: object) -> bytes:
    return json.dumps({"Id": "979d4C788A4a78bC777A870F1A02867A", "Data": {**DATA, **other}}).encode()


@contextmanager
def network(*answers: bytes) -> Iterator[tuple[tuple[str, int], list[bytes]]]:
    """Somebody who gives all these answers to a question on the loopback, and what was asked."""
    asked: list[bytes] = []

    def respond() -> None:
        try:
            question, sender = server.recvfrom(100)
        except OSError:
            return
        asked.append(question)
        for payload in answers:
            server.sendto(payload, sender)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        thread = threading.Thread(target=respond, daemon=True)
        thread.start()
        yield server.getsockname(), asked
        thread.join(5)


def test_printers_that_answer_are_told_once_each_and_by_name() -> None:
    with network(answer(), b"nonsense", answer(), answer(MainboardID="b0a2d", Name="Another")) as (to, asked):
        found = look_around(0.3, to)

    assert asked == [b"M99999"]
    assert [(one.name, one.serial) for one in found] == [
        ("Another", "b0a2d"),
        ("Left one", DATA["MainboardID"]),
    ]


def test_a_printer_is_where_its_answer_came_from() -> None:
    assert read_answer(answer(), "10.0.0.9") == Nearby(
        "10.0.0.9", "Centauri Carbon", "Left one", DATA["MainboardID"], "V1.4.49"
    )


def test_nobody_there_is_an_empty_list_in_time() -> None:
    with network() as (to, _asked):
        begun = time.monotonic()
        assert look_around(0.2, to) == []
        assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "payload",
    [b"", b"M99999", b"\xff\xfe", b"[]", b"7", b"[" * 5000, b'{"Data": []}', b'{"Data": {}}',
     answer(MainboardID=""), answer(MainboardID=7.5), answer(MachineName="Saturn 4 Ultra"),
     answer(ProtocolVersion="V1.0.0"), answer()[:-2]],
    ids=range(13),
)  # fmt: skip
def test_anything_else_is_no_answer(payload: bytes) -> None:
    assert read_answer(payload, "10.0.0.9") is None


@pytest.mark.parametrize("value", [None, 7, [], {}, "x" * 5000, "a\x00b\x1b[31m"])
def test_odd_values_become_short_text(value: Any) -> None:
    found = read_answer(answer(Name=value, FirmwareVersion=value), "10.0.0.9")

    assert found is not None
    assert len(found.name) <= 80
    assert (found.name + found.firmware).isprintable()
