"""Browser push: encrypted for one browser (RFC 8291), the sender named by a signature (RFC 8292)."""

import base64
import binascii
import json
import os
import time
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils.translation import gettext as _
from py_vapid import Vapid02

from alerts.kinds import Severity

from .adapter import Adapter, Address, Message, NotSent
from .posting import post, refused
from .wording import body_of, clean

# How long a push service keeps what a browser that is switched off has not fetched.
KEPT_S = 24 * 3600
# A push service takes 4,096 bytes, of which the encryption needs 103.
MOST_BYTES, BODY_LETTERS, TITLE_LETTERS = 3900, 600, 120
GONE = frozenset({404, 410})
_ORDER = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)


class Push(Adapter):
    """The address is the browser's at its push service, the secret its two keys as JSON: p256dh and auth."""

    def send(self, to: Address, message: Message) -> str:
        target = urlsplit(to.address)
        is_critical = any(line.severity == Severity.CRITICAL for line in message.lines)
        body = encrypted(payload(message), to.secret)
        headers = {
            **signed_for(f"{target.scheme}://{target.netloc}", int(time.time())),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_S),
            "Urgency": "high" if is_critical else "normal",
            # One that waits is replaced by its repeat. 32 letters are allowed: a UUID without hyphens.
            "Topic": message.id.replace("-", "")[:32],
        }
        answer = post(to.address, body, headers)
        if 200 <= answer.status < 300:
            return answer.words
        raise refused(target.hostname or "", answer, GONE)


def payload(message: Message) -> bytes:
    """What static/js/push_worker.js is given: {"id", "title", "body", "url"}."""
    said = {
        "id": message.id,
        "title": f"{clean(message.subject)[:TITLE_LETTERS]} · {clean(message.org_name)[:40]}",
        "body": body_of(message, BODY_LETTERS),
        "url": message.lines[0].url if len(message.lines) == 1 else message.url,
    }
    packed = json.dumps(said, ensure_ascii=False).encode()
    if len(packed) > MOST_BYTES:
        packed = json.dumps(said | {"body": ""}, ensure_ascii=False).encode()
    return packed


def encrypted(content: bytes, keys: str) -> bytes:
    """`content` as only the browser with these keys can read it; NotSent, final, for keys that are none."""
    try:
        theirs, auth = keys_in(keys)
        ours = ec.generate_private_key(ec.SECP256R1())
        sealed: bytes = http_ece.encrypt(
            content, salt=os.urandom(16), private_key=ours, dh=theirs, auth_secret=auth, version="aes128gcm"
        )
    except (ValueError, http_ece.ECEException):
        words = _("The keys of this browser can't be used. Switch push off and on there.")
        raise NotSent(words, is_final=True) from None
    return sealed


def keys_in(text: str) -> tuple[bytes, bytes]:
    """The browser's public point (65 bytes) and its secret (16 bytes); ValueError if they are not."""
    said = json.loads(text)
    if not isinstance(said, dict):
        raise ValueError("no keys")
    point, auth = _unpacked(said.get("p256dh")), _unpacked(said.get("auth"))
    if len(auth) != 16:
        raise ValueError("no secret of 16 bytes")
    # ValueError for what is no point of the curve.
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return point, auth


def _unpacked(text: object) -> bytes:
    if not isinstance(text, str):
        raise ValueError("no text")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("no base64") from None


@cache
def _private_key(material: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(base64.urlsafe_b64decode(material), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key() -> str:
    """Our key as browsers ask for it when they subscribe: the point in URL-safe base64."""
    point = (
        _private_key(settings.PUSH_KEY)
        .public_key()
        .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def signed_for(service: str, now: int) -> dict[str, str]:
    """The Authorization header for a push service, valid for twelve hours."""
    claims = {"aud": service, "exp": now + 12 * 3600, "sub": contact()}
    # Not strict: it would refuse the addresses of servers that have no public name.
    headers: dict[str, str] = Vapid02(_private_key(settings.PUSH_KEY), {"no-strict": True}).sign(claims)
    return headers


def contact() -> str:
    """Where a push service could complain: our https address, else the sender of our mails."""
    where = urlsplit(settings.PUBLIC_URL)
    if where.scheme == "https":
        return f"https://{where.hostname}"
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
