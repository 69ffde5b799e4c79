"""A fake push service, which reads the payload as a browser would."""

import base64
import json
import time

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from alerts.channels import push
from alerts.channels.adapter import Address, NotSent
from alerts.channels.push import Push, encrypted, payload, public_key
from tests.alerts.channels.conftest import NAME, a_message


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Browser:
    """Its keys, and what it makes of a payload."""

    def __init__(self) -> None:
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = json.dumps({"p256dh": packed(point), "auth": packed(self.auth)})

    def read(self, body: bytes) -> dict[str, str]:
        return json.loads(
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        )


@pytest.fixture
def browser() -> Browser:
    return Browser()


def test_only_the_browser_can_read_what_is_pushed(serve, trusted, public, message, browser):
    side = serve()
    side.status = 201

    Push().send(Address(side.url, browser.keys), message)

    (heard,) = side.heard
    told = browser.read(heard.body)
    assert told["id"] == message.id
    assert told["title"] == "Printer 1 is offline · Acme"
    assert "No answer since 14:05" in told["body"]
    assert told["url"] == "https://odin.test/o/acme/printers/1/"
    assert heard.headers["Content-Encoding"] == "aes128gcm"
    assert heard.headers["Urgency"] == "high"
    assert int(heard.headers["TTL"]) > 0
    with pytest.raises(http_ece.ECEException):
        Browser().read(heard.body)


def test_a_repeat_has_the_same_topic_and_tag(serve, trusted, public, message, browser):
    side = serve()

    for _time in range(2):
        Push().send(Address(side.url, browser.keys), message)

    first, second = side.heard
    assert first.headers["Topic"] == second.headers["Topic"] == message.id.replace("-", "")
    assert browser.read(first.body) == browser.read(second.body)


def test_the_sender_is_named_by_a_signature_for_this_service(
    serve, trusted, public, message, browser, settings
):
    settings.DEFAULT_FROM_EMAIL = "Farm <farm@acme.test>"
    settings.PUBLIC_URL = "http://odin.lan:8000"
    side = serve()

    Push().send(Address(side.url, browser.keys), message)

    said = side.heard[0].headers["Authorization"]
    token, key = (part.partition("=")[2] for part in said.removeprefix("vapid ").split(","))
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert Vapid02.verify(said)
    assert key == public_key()
    assert claims["aud"] == f"https://{NAME}:{side.port}"
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert claims["sub"] == "mailto:farm@acme.test"


def test_our_key_is_the_same_after_a_restart_and_another_on_another_server(settings):
    first = public_key()
    push._private_key.cache_clear()
    again = public_key()
    settings.PUSH_KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
    other = public_key()

    assert first == again != other
    assert len(base64.urlsafe_b64decode(first + "=")) == 65


def test_the_encryption_is_that_of_the_standard(monkeypatch):
    """RFC 8291, appendix A: its keys and salt give its message."""

    def raw(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    ours = ec.derive_private_key(
        int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    monkeypatch.setattr(push.ec, "generate_private_key", lambda curve: ours)
    monkeypatch.setattr(push.os, "urandom", lambda size: raw("DGv6ra1nlYgDCS1FRnbzlw"))
    keys = json.dumps({
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    })  # fmt: skip

    made = encrypted(b"When I grow up, I want to be a watermelon", keys)

    assert packed(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize(
    ("status", "is_final"), [(404, True), (410, True), (413, False), (429, False), (500, False)]
)
def test_a_browser_that_is_gone_is_final(status, is_final, serve, trusted, public, message, browser):
    side = serve()
    side.status = status

    with pytest.raises(NotSent) as told:
        Push().send(Address(side.url, browser.keys), message)

    assert told.value.is_final is is_final


def test_a_push_service_inside_our_network_is_not_called(names, message, browser):
    names["push.example"] = "10.0.0.7"

    with pytest.raises(NotSent, match="private network"):
        Push().send(Address("https://push.example/abc", browser.keys), message)


@pytest.mark.parametrize("keys", ["", "[]", "{}", '{"p256dh": "AAAA", "auth": "AAAA"}', '{"p256dh": 1}', "x"])
def test_keys_that_are_none_are_final(keys, message):
    with pytest.raises(NotSent) as told:
        Push().send(Address("https://push.example/abc", keys), message)

    assert told.value.is_final


def test_a_digest_of_very_many_alerts_fits_into_a_push(message):
    lines = [
        message.lines[0].__class__("k", "info", "🖨️" * 90, "د" * 400, message.lines[0].at, 1, "https://x/")
    ] * 900

    assert len(payload(a_message(lines=lines, subject="ü" * 400, is_digest=True))) <= push.MOST_BYTES
