"""Printers that announce themselves, and whatever else is sent to the same port."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator

import pytest

from printers.drivers import bambu_discovery
from printers.drivers.bambu_discovery import Announced, listen, parse
from printers.drivers.driver import DriverError

SERIAL = "01P00A0123456789"


def notify(**changed: str) -> bytes:
    headers = {
        "HOST": "239.255.255.250:1900", "Server": "UPnP/1.0", "Location": "192.168.1.40",
        "NT": "urn:bambulab-com:device:3dprinter:1", "USN": SERIAL, "Cache-Control": "max-age=1800",
        "DevModel.bambu.com": "C12", "DevName.bambu.com": "farm-07", "DevConnect.bambu.com": "lan",
    }  # fmt: skip
    headers |= {name.replace("_", "."): value for name, value in changed.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"NOTIFY * HTTP/1.1\r\n{lines}\r\n".encode()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    monkeypatch.setattr(bambu_discovery, "PORT", number)
    return number


@contextlib.contextmanager
def shouting(port: int, *datagrams: bytes) -> Iterator[None]:
    """Sends these to this machine again and again, as printers do."""
    over = threading.Event()

    def shout() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as voice:
            while not over.wait(0.02):
                for datagram in datagrams:
                    voice.sendto(datagram, ("127.0.0.1", port))

    thread = threading.Thread(target=shout, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_an_announcement_tells_serial_address_model_and_name() -> None:
    assert parse(notify()) == Announced(SERIAL, "192.168.1.40", "C12", "farm-07")


def test_the_answer_to_a_search_tells_the_same_and_headers_have_any_case() -> None:
    answer = notify().replace(b"NOTIFY * HTTP/1.1", b"HTTP/1.1 200 OK").replace(b"NT:", b"st:")

    assert parse(answer.replace(b"USN:", b"usn:").replace(b"DevModel", b"DEVMODEL")) == parse(notify())


@pytest.mark.parametrize(
    "datagram",
    [
        b"", b"\x00\xff\xfe", b"NOTIFY * HTTP/1.1\r\n\r\n", notify(NT="urn:schemas-upnp-org:device:basic:1"),
        notify(Location="http://192.168.1.40/"), notify(Location="evil.example"), notify(Location="::1"),
        notify(Location="1.2.3.4.5"), notify(Location=""), notify(USN=""), notify(USN="../../etc"),
        notify(USN="A" * 500), notify(USN="01P00A<script>"), notify().replace(b"NOTIFY", b"M-SEARCH"),
        notify(DevName_bambu_com="x" * 3000), os.urandom(600), b"NOTIFY * HTTP/1.1\r\n" + b"a:b\r\n" * 300,
    ],
)  # fmt: skip
def test_whatever_is_no_announcement_is_nothing(datagram: bytes) -> None:
    assert parse(datagram) is None


def test_a_name_is_cut_and_has_no_control_characters() -> None:
    found = parse(notify(DevName_bambu_com="a\x1b[31mb\x07" + "c" * 300, DevModel_bambu_com="\x9d"))

    assert found is not None
    assert found.name.startswith("a[31mbc")
    assert (len(found.name), found.model) == (60, "")


def test_each_printer_is_found_once_among_rubbish(port: int) -> None:
    other = notify(USN="01S00C999999999", DevName_bambu_com="farm-08")

    with shouting(port, notify(), b"\xff" * 1400, other, notify(Location="192.168.1.41")):
        found = listen(0.4)

    assert [(one.serial, one.name) for one in found] == [
        (SERIAL, "farm-07"), ("01S00C999999999", "farm-08"),
    ]  # fmt: skip


def test_a_network_that_shouts_does_not_make_a_look_longer_or_larger(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bambu_discovery, "_MOST_FOUND", 5)
    crowd = [notify(USN=f"01P00A{n:010d}") for n in range(50)]

    with shouting(port, *crowd):
        assert len(listen(0.3)) == 5


def test_silence_is_an_empty_list(port: int) -> None:
    assert listen(0.05) == []


def test_a_port_that_cannot_be_had_is_said(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", port))  # noqa: S104  # as the look itself

        with pytest.raises(DriverError, match=str(port)):
            listen(0.05)
