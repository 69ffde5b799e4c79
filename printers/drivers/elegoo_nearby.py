"""Elegoo printers in this network: they answer a broadcast with what they are (facts 5.1)."""

import json
import socket
import time
from dataclasses import dataclass

from printers.drivers.driver import DriverError
from printers.drivers.elegoo_probe import BOARD_LENGTH, check_kind
from printers.drivers.readings import mapping, text

QUESTION = b"M99999"
PORT = 3000
WAIT_S = 2.0
_ANSWER_BYTES = 8192
_MOST_ANSWERS = 1000


@dataclass(frozen=True, slots=True)
class Nearby:
    """A printer that answered. `host` is where the answer came from, `serial` its MainboardID."""

    host: str
    model: str
    name: str
    serial: str
    firmware: str


def read_answer(payload: bytes, sender: str) -> Nearby | None:
    """Who sent `payload`; None if it is no filament printer that speaks SDCP 3."""
    try:
        told = mapping(mapping(json.loads(payload.decode("utf-8", "replace"))).get("Data"))
        check_kind(told)
    except (ValueError, RecursionError, DriverError):
        return None
    serial = text(told.get("MainboardID"), BOARD_LENGTH)
    if not serial:
        return None
    model, name = text(told.get("MachineName"), 80), text(told.get("Name"), 80)
    # The address it tells (MainboardIP) is not believed: it could name any other machine.
    return Nearby(sender, model, name or model, serial, text(told.get("FirmwareVersion"), 80))


def look_around(wait_s: float = WAIT_S, to: tuple[str, int] = ("255.255.255.255", PORT)) -> list[Nearby]:
    """Ask all at once, gather answers for `wait_s` seconds, each printer once; OSError without a network."""
    found: dict[str, Nearby] = {}
    until = time.monotonic() + wait_s
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        asker.sendto(QUESTION, to)
        for _answer in range(_MOST_ANSWERS):
            if (left_s := until - time.monotonic()) <= 0:
                break
            asker.settimeout(left_s)
            try:
                payload, (sender, _port) = asker.recvfrom(_ANSWER_BYTES)
            except TimeoutError:
                break
            if nearby := read_answer(payload, sender):
                found.setdefault(nearby.serial, nearby)
    return sorted(found.values(), key=lambda nearby: (nearby.name, nearby.host))
