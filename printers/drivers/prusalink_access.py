"""Digest access (RFC 7616, and RFC 2069 as the firmware speaks it) with a nonce kept between requests.

requests has one of its own, but it remembers the nonce for each thread, and polls come from many.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Callable

from requests.utils import parse_dict_header

_CHALLENGE = re.compile(r"\bdigest\s+(.{1,2000})", re.I | re.S)
_ALGORITHMS: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda said: hashlib.md5(said, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda said: hashlib.sha256(said).hexdigest(),
}


class Digest:
    """Answers a server's challenge for one user; `header` is empty before the first one."""

    def __init__(self, user: str, secret: str) -> None:
        self._user, self._secret = user, secret
        self._challenge: dict[str, str] = {}
        self._used = 0
        self._learned_at = 0.0

    @property
    def age_s(self) -> float:
        """How long the nonce has been known, in seconds."""
        return time.monotonic() - self._learned_at

    def forget(self) -> None:
        self._challenge = {}

    def learn(self, offered: str) -> bool:
        """Take a WWW-Authenticate header; False if it offers nothing that was not tried before."""
        found = _CHALLENGE.search(offered)
        told = parse_dict_header(found.group(1)) if found else {}  # type: ignore[no-untyped-call]
        challenge = {name.lower(): value for name, value in told.items() if isinstance(value, str)}
        nonce = challenge.get("nonce", "")
        usable = (
            nonce != ""
            and challenge.get("algorithm", "MD5").upper() in _ALGORITHMS
            and all(value.isascii() and value.isprintable() and '"' not in value
                    for value in challenge.values())
        )  # fmt: skip
        if not usable or nonce == self._challenge.get("nonce"):
            return False
        self._challenge, self._used, self._learned_at = challenge, 0, time.monotonic()
        return True

    def header(self, method: str, uri: str) -> bytes:
        """The Authorization header for one request."""
        if not self._challenge:
            return b""
        realm, nonce = self._challenge.get("realm", ""), self._challenge["nonce"]
        hashed = _ALGORITHMS[self._challenge.get("algorithm", "MD5").upper()]
        person = hashed(f"{self._user}:{realm}:{self._secret}".encode())
        asked = hashed(f"{method}:{uri}".encode())
        user = self._user.replace("\\", "\\\\").replace('"', '\\"')
        fields = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}"'
        if "auth" in re.split(r"[\s,]+", self._challenge.get("qop", "").lower()):
            self._used += 1
            count, ours = f"{self._used:08x}", secrets.token_hex(8)
            answer = hashed(f"{person}:{nonce}:{count}:{ours}:auth:{asked}".encode())
            fields += f', qop=auth, nc={count}, cnonce="{ours}"'
        else:
            answer = hashed(f"{person}:{nonce}:{asked}".encode())
        fields += f', response="{answer}"'
        for name in ("opaque", "algorithm"):
            if name in self._challenge:
                fields += f', {name}="{self._challenge[name]}"'
        return fields.encode()
