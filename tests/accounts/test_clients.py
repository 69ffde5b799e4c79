"""Whose address a request has, and what limits take for one."""

from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.clients import ClientAddressMiddleware, client_address, device_in_words
from accounts.limits import place_of

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("nearest", "forwarded", "client"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.2.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("fd00::1", "[2001:db8::5]:4711", "2001:db8::5"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
    ],
    ids=[
        "no proxy of ours", "one proxy", "what the client wrote itself", "two proxies", "nothing passed on",
        "nonsense", "IPv4 within IPv6", "IPv6 with a port", "IPv4 with a port", "client beside the proxy",
    ],
)  # fmt: skip
def test_forwarded_address_is_believed_as_far_as_our_proxies_wrote_it(nearest, forwarded, client):
    assert str(client_address(nearest, forwarded, PROXIES)) == client


def test_unix_socket_has_no_address():
    assert client_address("", "198.51.100.1", PROXIES) is None


@pytest.mark.django_db
def test_forged_header_does_not_come_round_the_limit(client):
    data = {"email": "viewer@acme.test", "password": "Wrong7password"}
    for number in range(6):
        forged = {"X-Forwarded-For": f"203.0.113.{number}"}
        client.post("/account/sign-in/", data, REMOTE_ADDR="198.51.100.7", headers=forged)

    answer = client.post("/account/sign-in/", data, REMOTE_ADDR="198.51.100.7")

    assert answer.status_code == 429


@pytest.mark.django_db
def test_people_behind_one_proxy_are_limited_each(client, settings):
    settings.TRUSTED_PROXIES = PROXIES
    data = {"email": "viewer@acme.test", "password": "Wrong7password"}
    for _ in range(7):
        client.post(
            "/account/sign-in/", data, REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.1"}
        )

    other = {"X-Forwarded-For": "203.0.113.2"}
    answer = client.post("/account/sign-in/", data, REMOTE_ADDR="10.0.0.1", headers=other)

    assert answer.status_code == 422


def test_network_of_ipv6_counts_as_one_address():
    assert place_of("2001:db8::1") == place_of("2001:db8::ffff:2") != place_of("2001:db8:0:1::1")
    assert place_of("203.0.113.1") != place_of("203.0.113.2")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140.0", "Edge, Windows"),
        ("Something else", "Something else"),
        ("", ""),
    ],
)
def test_device_is_told_in_words(agent, words):
    assert device_in_words(agent) == words


@pytest.mark.parametrize(("peer", "is_secure"), [("10.0.0.1", True), ("203.0.113.9", False), ("", True)])
def test_only_our_own_proxy_says_that_a_request_came_by_https(peer, is_secure, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-Proto": "https"})

    ClientAddressMiddleware(lambda _request: HttpResponse())(request)

    assert request.is_secure() is is_secure
