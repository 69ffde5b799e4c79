import hashlib
import hmac
import json

import pytest

from alerts.channels import posting
from alerts.channels.adapter import Address, NotSent
from alerts.channels.signing import OVERLAP_S, WINDOW_S, Keys, is_genuine, signature, unpacked
from alerts.channels.webhook import Webhook
from tests.alerts.channels.conftest import NAME

KEYS = Keys("whsec_first")


def send(url, message, keys=KEYS):
    return Webhook().send(Address(url, keys.packed()), message)


def test_a_webhook_is_posted_by_its_name_to_the_address_that_was_looked_up(serve, trusted, public, message):
    side = serve()

    said = send(side.url + "?team=3", message)

    (heard,) = side.heard
    assert said.startswith("200 OK")
    assert (heard.path, heard.headers["Host"]) == ("/in?team=3", f"{NAME}:{side.port}")
    assert heard.headers["Idempotency-Key"] == message.id
    told = json.loads(heard.body)
    assert (told["id"], told["type"], told["organisation"]["slug"]) == (message.id, "alert", "acme")
    assert told["alerts"][0] == {
        "kind": "printer.offline", "severity": "critical", "title": "Printer 1 is offline",
        "detail": "No answer since 14:05", "at": "2026-05-02T14:05:00+00:00", "count": 3,
        "url": "https://odin.test/o/acme/printers/1/",
    }  # fmt: skip


def test_the_signature_is_of_time_and_body(serve, trusted, public, message):
    side = serve()

    send(side.url, message)

    (heard,) = side.heard
    time, mark = (part.partition("=")[2] for part in heard.headers["Odin-Signature"].split(","))
    wanted = hmac.new(b"whsec_first", f"{time}.".encode() + heard.body, hashlib.sha256).hexdigest()
    assert mark == wanted
    assert is_genuine(heard.headers["Odin-Signature"], heard.body, "whsec_first", int(time))


def test_a_signature_is_worth_nothing_with_another_body_secret_or_time():
    header = signature(KEYS, 1_000_000, b"body")

    assert is_genuine(header, b"body", "whsec_first", 1_000_000 + WINDOW_S)
    assert not is_genuine(header, b"Body", "whsec_first", 1_000_000)
    assert not is_genuine(header, b"body", "whsec_other", 1_000_000)
    assert not is_genuine(header, b"body", "whsec_first", 1_000_001 + WINDOW_S)
    assert not is_genuine("t=x,v1=", b"body", "whsec_first", 1_000_000)


def test_a_rotated_secret_signs_beside_the_new_one_for_a_day():
    now = 1_000_000
    rotated = unpacked(KEYS.rotated(now).packed())

    during = signature(rotated, now + OVERLAP_S - 1, b"body")
    after = signature(rotated, now + OVERLAP_S, b"body")

    assert is_genuine(during, b"body", "whsec_first", now + OVERLAP_S)
    assert is_genuine(during, b"body", rotated.present, now + OVERLAP_S)
    assert not is_genuine(after, b"body", "whsec_first", now + OVERLAP_S)
    assert is_genuine(after, b"body", rotated.present, now + OVERLAP_S)


def test_two_hundred_is_taken_whatever_the_body_says(serve, trusted, public, message):
    side = serve()
    side.says = b'{"error": "no such channel"}'

    assert "no such channel" in send(side.url, message)


@pytest.mark.parametrize(
    ("status", "is_final", "words"),
    [
        (400, False, "refuses: 400 Bad Request no"),
        (404, False, "refuses"),
        (410, True, "nobody is there any more"),
        (429, False, "asks to wait"),
        (500, False, "refuses"),
        (503, False, "asks to wait"),
    ],
)
def test_other_answers_are_told_in_words(status, is_final, words, serve, trusted, public, message):
    side = serve()
    side.status, side.says = status, b"no"

    with pytest.raises(NotSent, match=words) as told:
        send(side.url, message)

    assert told.value.is_final is is_final


@pytest.mark.parametrize(
    ("said", "wait"),
    [("120", 120), ("999999999", 86400), ("-5", 0), ("soon", None), ("nan", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)  # fmt: skip
def test_the_wish_to_wait_is_passed_on(said, wait, serve, trusted, public, message):
    side = serve()
    side.status, side.headers = 429, {"Retry-After": said}

    with pytest.raises(NotSent) as told:
        send(side.url, message)

    assert told.value.retry_after_s == wait


def test_a_redirect_is_not_followed(serve, trusted, public, message):
    side, inside = serve(), serve(tls=False)
    side.status, side.headers = 302, {"Location": f"http://127.0.0.1:{inside.port}/"}

    with pytest.raises(NotSent, match="sends elsewhere"):
        send(side.url, message)

    assert (len(side.heard), inside.heard) == (1, [])


@pytest.mark.parametrize("how", ["hangs", "drips"])
def test_a_target_that_hangs_or_drips_is_left(how, serve, trusted, public, message, monkeypatch):
    monkeypatch.setattr(posting, "WHOLE_S", 0.5)
    side = serve()
    setattr(side, how, True)

    with pytest.raises(NotSent, match="did not answer in time"):
        send(side.url, message)


def test_no_more_of_an_answer_is_read_than_is_needed(serve, trusted, public, message):
    side = serve()
    side.says = b"x" * 5_000_000

    assert len(send(side.url, message)) <= 300


def test_a_certificate_of_nobody_is_refused(serve, public, message):
    side = serve()

    with pytest.raises(NotSent, match="certificate"):
        send(side.url, message)

    assert side.heard == []


def test_a_name_that_means_another_host_by_then_is_no_way_in(serve, trusted, names, message, monkeypatch):
    """The name is asked for once: a second answer, of a rebinding name server, would never be used."""
    asked = []
    monkeypatch.setattr(
        posting, "check_address", lambda host, port, purpose: asked.append(host) or "127.0.0.1"
    )
    side = serve()
    names[NAME] = "10.0.0.1"

    send(side.url, message)

    assert asked == [NAME]
    assert len(side.heard) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.9", "169.254.169.254", "100.64.0.1", "fd00::1", "::1",
     "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fe80::1", "0.0.0.0", "224.0.0.1", "198.18.0.1",  # noqa: S104
     "100.100.100.200"],
)  # fmt: skip
def test_no_address_but_a_public_one_is_called(address, names, message):
    names["inside.example"] = address

    with pytest.raises(NotSent) as told:
        send("https://inside.example/", message)

    assert "inside.example" in str(told.value)


def test_private_addresses_are_called_where_the_deployment_says_so(names, message, settings):
    settings.ALLOW_PRIVATE_TARGETS = True
    names["inside.example"] = "169.254.169.254"

    with pytest.raises(NotSent, match="not an address"):
        send("https://inside.example/", message)
    with pytest.raises(NotSent, match="this server itself"):
        send("http://127.0.0.1:1/", message)


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example/", "ftp://hooks.example/", "hooks.example", "https:///x", "https://a:b@hooks.example/",
     "https://hooks.example:99999/", "https://hooks.example/ x\r\nHost: y", "https://[/"],
)  # fmt: skip
def test_an_address_that_is_none_is_told_at_once(url, names, message):
    with pytest.raises(NotSent) as told:
        send(url, message)

    assert told.value.is_final
