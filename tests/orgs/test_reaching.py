"""What this server may be made to call, by purpose: a table of addresses, names and ports."""

import socket
from typing import Any

import pytest

from orgs import reaching
from orgs.reaching import PRINTER, SPOOLMAN, TARGET, AddressRefused, check_address

# Refused for every purpose and in every deployment.
NEVER = [
    "0.0.0.0", "::", "0.1.2.3", "0", "::ffff:0.0.0.0",  # noqa: S104  # this very machine, by other words
    "169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1",
    "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",  # metadata as one number, hex, octal
    "169.254.7.7", "fe80::1", "fe80::a9fe:a9fe",  # link-local
    "224.0.0.251", "ff02::1", "255.255.255.255", "240.0.0.1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "::127.0.0.1", "::7f00:1",  # IPv4-compatible, long deprecated
]  # fmt: skip
LOOPBACK = [
    "127.0.0.1", "127.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "localhost", "LOCALHOST",
    "2130706433", "0x7f000001", "0177.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
    "１２７.０.０.１", "①②⑦.⓪.⓪.①",
]  # fmt: skip
PRIVATE = ["10.1.2.3", "172.16.0.9", "192.168.1.44", "100.64.0.1", "fd12::7", "::ffff:10.0.0.1",
           "64:ff9b::a00:1", "2002:a00:1::"]  # fmt: skip
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]
# No host at all, or one with something smuggled in.
NO_HOST = ["user@127.0.0.1", "user:secret@10.0.0.1", "10.0.0.1/path", "10.0.0.1#x", "10.0.0.1 ", " ", "",
           "10.0.0.1\r\nHost: x", "[::1]", "no-such-printer.invalid", "x" * 300, "a..b",
           "\0", "127.0.0.1\0.example"]  # fmt: skip


def is_taken(host: str, purpose: reaching.Purpose, port: int = 0) -> bool:
    try:
        check_address(host, port, purpose)
    except AddressRefused:
        return False
    return True


@pytest.mark.parametrize("purpose", [PRINTER, SPOOLMAN, TARGET], ids=["printer", "spoolman", "target"])
@pytest.mark.parametrize("host", NEVER)
def test_what_is_no_address_of_anything_is_refused_for_every_purpose(host, purpose, settings):
    settings.ALLOW_PRIVATE_TARGETS = settings.ALLOW_LOOPBACK_PRINTERS = True

    assert not is_taken(host, purpose)


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_is_for_printers_of_a_deployment_that_says_so(host, settings):
    settings.ALLOW_PRIVATE_TARGETS = True
    settings.ALLOW_LOOPBACK_PRINTERS = False
    assert [is_taken(host, purpose) for purpose in (PRINTER, SPOOLMAN, TARGET)] == [False] * 3

    settings.ALLOW_LOOPBACK_PRINTERS = True
    assert [is_taken(host, purpose) for purpose in (SPOOLMAN, TARGET)] == [False] * 2


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_for_printers_and_spoolman_and_targets_only_where_allowed(host, settings):
    settings.ALLOW_PRIVATE_TARGETS = False
    assert [is_taken(host, purpose) for purpose in (PRINTER, SPOOLMAN, TARGET)] == [True, True, False]

    settings.ALLOW_PRIVATE_TARGETS = True
    assert is_taken(host, TARGET)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_for_every_purpose(host):
    assert [is_taken(host, purpose) for purpose in (PRINTER, SPOOLMAN, TARGET)] == [True] * 3


@pytest.mark.parametrize("host", NO_HOST)
def test_what_is_no_host_is_refused_in_words(host):
    with pytest.raises(AddressRefused):
        check_address(host, 80, PRINTER)


@pytest.fixture
def own(monkeypatch, settings) -> str:
    """An address of this machine's own in the private network, as a name server would tell it."""
    monkeypatch.setattr(
        reaching, "_is_this_machine", lambda address: address.is_loopback or str(address) == "192.168.1.5"
    )
    settings.PUBLIC_URL, settings.OWN_PORT = "https://odin.example", 8000
    settings.REDIS_URL = "redis://localhost:6390/0"
    return "192.168.1.5"


@pytest.mark.parametrize("port", [8000, 443, 5433, 6390])
@pytest.mark.parametrize("purpose", [PRINTER, SPOOLMAN, TARGET], ids=["printer", "spoolman", "target"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "", "/run/postgresql", "192.168.1.5"])
def test_our_own_services_are_refused_at_every_address_of_this_machine(
    host, purpose, port, own, settings, monkeypatch
):
    settings.ALLOW_PRIVATE_TARGETS = True
    monkeypatch.setitem(
        settings.DATABASES, "default", {**settings.DATABASES["default"], "HOST": host, "PORT": "5433"}
    )

    with pytest.raises(AddressRefused, match="service of this server"):
        check_address(own, port, purpose)


def test_other_services_of_this_machine_may_be_a_printer(own):
    assert check_address(own, 5000, PRINTER) == own


def test_the_database_is_refused_on_another_machine_too(own, settings, monkeypatch):
    monkeypatch.setitem(
        settings.DATABASES,
        "default",
        {**settings.DATABASES["default"], "HOST": "192.168.1.6", "PORT": "5433"},
    )

    assert not is_taken("192.168.1.6", PRINTER, 5433)
    assert is_taken("192.168.1.6", PRINTER, 7125)
    assert is_taken(own, PRINTER, 5433)


def test_an_interface_of_this_machine_is_known_as_one():
    """Without a stand-in: the address by which this machine would talk to others."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        own = probe.getsockname()[0]

    assert reaching._is_this_machine(reaching.ipaddress.ip_address(own))
    assert not reaching._is_this_machine(reaching.ipaddress.ip_address("192.0.2.1"))


def test_a_name_server_that_answers_differently_twice_gains_nothing(monkeypatch):
    """What is checked is what is connected to: the name is asked for once, and digits are handed on."""
    answers = iter(["93.184.215.14", "127.0.0.1"])

    def answer(*_all: Any, **_named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)

    assert check_address("rebinding.example", 0, TARGET) == "93.184.215.14"
    with pytest.raises(AddressRefused):
        check_address("rebinding.example", 0, TARGET)


def test_of_several_addresses_the_one_that_was_checked_is_used(monkeypatch):
    told = ["93.184.215.14", "127.0.0.1"]
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_all, **_named: [(2, 1, 6, "", (one, 0)) for one in told]
    )

    assert check_address("several.example", 0, TARGET) == "93.184.215.14"
