"""Bambu Lab printers that tell of themselves in the local network (facts, 1.2).

They send a NOTIFY every few seconds and answer an M-SEARCH. Anybody in the network can send the same: what is
heard is a proposal for a form, never believed.
"""

import contextlib
import ipaddress
import re
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

from printers.drivers.driver import DriverError, Trouble
from printers.drivers.readings import text

PORT = 2021
GROUP = "239.255.255.250"
_KIND = "urn:bambulab-com:device:3dprinter:1"
_SEARCH = (
    f'M-SEARCH * HTTP/1.1\r\nHOST: {GROUP}:1990\r\nMAN: "ssdp:discover"\r\nMX: 3\r\nST: {_KIND}\r\n\r\n'
).encode()
_SERIAL = re.compile(r"[0-9A-Z]{8,30}")
_LARGEST = 2048
_MOST_HEADERS = 40
# However much a network shouts, a look ends and its list can be read.
_MOST_DATAGRAMS = 4000
_MOST_FOUND = 100
_ASK_AGAIN_S = 1.5


@dataclass(frozen=True, slots=True)
class Announced:
    """A printer as it announces itself; `model` is Bambu's code, such as C12."""

    serial: str
    address: str
    model: str = ""
    name: str = ""


def parse(datagram: bytes) -> Announced | None:
    """What a datagram announces; None for whatever is no sound announcement of a Bambu printer."""
    if len(datagram) > _LARGEST:
        return None
    first, *lines = datagram.decode("utf-8", "replace").splitlines()[: _MOST_HEADERS + 1] or [""]
    if not first.upper().startswith(("NOTIFY * HTTP/1.", "HTTP/1.1 200", "HTTP/1.0 200")):
        return None
    pairs = (line.partition(":") for line in lines if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, _colon, value in pairs}
    if _KIND not in (headers.get("nt", "").lower(), headers.get("st", "").lower()):
        return None
    serial = headers.get("usn", "").upper()
    try:
        address = str(ipaddress.IPv4Address(headers.get("location", "")))
    except ValueError:
        return None
    if not _SERIAL.fullmatch(serial):
        return None
    return Announced(
        serial,
        address,
        text(headers.get("devmodel.bambu.com", ""), 40),
        text(headers.get("devname.bambu.com", ""), 60),
    )


def listen(seconds: float) -> list[Announced]:
    """Ask and listen for so long; each printer once, as it was heard last. DriverError if that cannot be."""
    found: dict[str, Announced] = {}
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear.bind(("0.0.0.0", PORT))  # noqa: S104  # broadcasts come to no other address
            _join(ear)
            for datagram in _heard(ear, time.monotonic() + seconds):
                announced = parse(datagram)
                if announced and (announced.serial in found or len(found) < _MOST_FOUND):
                    found[announced.serial] = announced
    except OSError as error:
        words = (
            f"This server cannot listen for printers: UDP port {PORT} is not to be had ({error.strerror})."
        )
        raise DriverError(Trouble.UNREACHABLE, words) from error
    return list(found.values())


def _join(ear: socket.socket) -> None:
    """Some send to the group instead of to everybody; without a route to it the others are still heard."""
    member = struct.pack("4s4s", socket.inet_aton(GROUP), bytes(4))
    with contextlib.suppress(OSError):
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)


def _heard(ear: socket.socket, until: float) -> Iterator[bytes]:
    """Each datagram that comes until then; who is there is asked anew every while."""
    ask_at, count = 0.0, 0
    while (left_s := until - time.monotonic()) > 0 and count < _MOST_DATAGRAMS:
        if time.monotonic() >= ask_at:
            ask_at = time.monotonic() + _ASK_AGAIN_S
            with contextlib.suppress(OSError):
                ear.sendto(_SEARCH, (GROUP, PORT))
        ear.settimeout(min(left_s, _ASK_AGAIN_S))
        try:
            datagram = ear.recv(_LARGEST + 1)
        except TimeoutError:
            continue
        count += 1
        yield datagram
