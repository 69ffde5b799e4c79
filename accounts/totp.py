"""Codes of authenticator apps: RFC 6238 with six digits, SHA-1 and 30 seconds, as all apps take it."""

import base64
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S, DIGITS = 30, 6
# A code of the step before or after is taken too: clocks differ, and people type slowly.
AROUND = (0, -1, 1)


def new_secret() -> str:
    """160 bits as base32, as apps take it by hand."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def uri_of(secret: str, account: str, issuer: str = "O.D.I.N.") -> str:
    """What the QR code says."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={secret}&issuer={quote(issuer)}"


def code_at(secret: str, moment: float) -> str:
    made = TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S)  # noqa: S303  # the apps know no other
    return made.generate(int(moment)).decode()


def step_of(secret: str, code: str, now: float) -> int | None:
    """The step whose code `code` is, counted from 1970; None if it is none of those around `now`."""
    for away in AROUND:
        moment = now + away * STEP_S
        if secrets.compare_digest(code_at(secret, moment), code):
            return int(moment) // STEP_S
    return None
