"""How webhooks are signed, and the secrets they are signed with. See docs/alerts.md."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

PREFIX = "whsec_"
# After a rotation the old secret still signs beside the new one, until every receiver knows it.
OVERLAP_S = 24 * 3600
# What receivers are told to accept: a clock that is wrong by less, no message that is older.
WINDOW_S = 300
HEADER = "Odin-Signature"


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret of a webhook, and the one before it until `ends` (Unix time)."""

    present: str
    former: str = ""
    ends: int = 0

    def at(self, now: int) -> list[str]:
        return [self.present, *([self.former] if self.former and now < self.ends else [])]

    def rotated(self, now: int) -> "Keys":
        """A new secret; the present one holds for OVERLAP_S seconds more, one from before no longer."""
        return Keys(new_secret(), self.present, now + OVERLAP_S)

    def packed(self) -> str:
        return json.dumps([self.present, self.former, self.ends])


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def unpacked(text: str) -> Keys:
    """What `Keys.packed` gave; ValueError for anything else."""
    present, former, ends = json.loads(text)
    return Keys(str(present), str(former), int(ends))


def signature(keys: Keys, now: int, body: bytes) -> str:
    """The header's value: t=<Unix time>,v1=<hex HMAC-SHA256 of "<t>.<body>">, a v1 for each secret."""
    signed = f"{now}.".encode() + body
    marks = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in keys.at(now)]
    return ",".join([f"t={now}", *(f"v1={mark}" for mark in marks)])


def is_genuine(header: str, body: bytes, secret: str, now: int) -> bool:
    """What a receiver does: the signature fits `secret`, and is no older than WINDOW_S seconds."""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    times = [value for name, value in parts if name == "t" and value.isdecimal()]
    if len(times) != 1 or abs(now - int(times[0])) > WINDOW_S:
        return False
    wanted = hmac.new(secret.encode(), f"{times[0]}.".encode() + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(wanted, value) for name, value in parts if name == "v1")
