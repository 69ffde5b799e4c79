import socket
from uuid import uuid4

import pytest

from printers.drivers.driver import DriverError, Endpoint
from printers.reaching import AddressRefused, check_address, endpoint_of, kept_driver, resolved
from tests.factories.printers import make_printer


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254", "fd00:ec2::254", "169.254.7.7", "fe80::1", "224.0.0.251", "ff02::1", "0.0.0.0",  # noqa: S104
        "::", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "100.100.100.200",
        "255.255.255.255", "0.1.2.3", "2852039166",
    ],
)  # fmt: skip
def test_addresses_no_printer_can_have_are_refused(host):
    with pytest.raises(AddressRefused):
        check_address(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "::1", "::ffff:127.0.0.1", "localhost", "2130706433"])
def test_this_machine_is_refused_unless_the_deployment_allows_it(settings, host):
    settings.ALLOW_LOOPBACK_PRINTERS = True
    assert check_address(host)

    settings.ALLOW_LOOPBACK_PRINTERS = False
    with pytest.raises(AddressRefused, match="this server itself"):
        check_address(host)


def test_private_addresses_are_where_printers_live():
    assert check_address("192.168.1.44", 8883) == "192.168.1.44"
    assert check_address("fd12::7") == "fd12::7"


def test_an_unknown_name_says_so():
    with pytest.raises(AddressRefused, match="is not known"):
        check_address("no-such-printer.invalid")


def test_our_own_web_server_and_database_are_refused(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8123"
    settings.REDIS_URL = "redis://127.0.0.1:6390/0"

    with pytest.raises(AddressRefused, match="service of this server"):
        check_address("127.0.0.1", 8123)
    with pytest.raises(AddressRefused, match="service of this server"):
        check_address("127.0.0.1", 6390)
    assert check_address("127.0.0.1", 7125)


def test_a_name_is_looked_up_once_and_its_address_is_used(monkeypatch):
    asked = []

    def answer(host, *_rest, **_options):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.9", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)

    assert resolved(Endpoint("voron.lan"), "moonraker").host == "192.168.1.9"
    assert asked == ["voron.lan"]


def test_the_secret_is_opened_for_the_endpoint_only(acme):
    printer = make_printer(secret="topsecret", port=7130)

    endpoint = endpoint_of(printer)

    assert (endpoint.secret, endpoint.port) == ("topsecret", 7130)
    assert "topsecret" not in repr(endpoint)


def test_a_kept_driver_stays_until_its_endpoint_changes():
    pk, here = uuid4(), Endpoint("192.168.1.9", 7125)

    with kept_driver(pk, here, "moonraker") as first:
        pass
    with kept_driver(pk, here, "moonraker") as again:
        assert again is first
    with kept_driver(pk, Endpoint("192.168.1.10", 7125), "moonraker") as other:
        assert other is not first


def test_an_unknown_protocol_is_told_in_words():
    with (
        pytest.raises(DriverError, match="does not speak"),
        kept_driver(uuid4(), Endpoint("10.0.0.1"), "gopher"),
    ):
        pass
