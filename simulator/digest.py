"""The server's side of digest access, for one user whose nonces expire."""

import hashlib
import secrets
import time
from collections.abc import Callable
from urllib.request import parse_http_list, parse_keqv_list

from simulator.http import Request


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Digest:
    """`qop` as in RFC 7616, without it as in RFC 2069. A nonce is good for `life_s`."""

    def __init__(self, realm: str, user: str, secret: str, *, qop: bool, clock: Callable[[], float] = time.monotonic) -> None:  # fmt: skip  # noqa: E501
        self.realm, self.user, self.secret, self.qop, self.life_s = realm, user, secret, qop, 300.0
        self.challenges = 0
        self._clock = clock
        self._nonce, self._born = "", 0.0

    def lets_in(self, request: Request) -> bool:
        said = self._said(request)
        if not said or self._is_old() or said.get("nonce") != self._nonce:
            return False
        person = _md5(f"{self.user}:{self.realm}:{self.secret}")
        asked = _md5(f"{request.method}:{said.get('uri', '')}")
        middle = f"{self._nonce}:{said.get('nc')}:{said.get('cnonce')}:auth" if self.qop else self._nonce
        fits = said.get("uri", "").split("?")[0] == request.raw_path and said.get("username") == self.user
        return fits and said.get("response") == _md5(f"{person}:{middle}:{asked}")

    def expire(self) -> None:
        """Let the present nonce be too old from now on."""
        self._born = self._clock() - self.life_s - 1

    def challenge(self, request: Request) -> str:
        """The WWW-Authenticate header of a 401."""
        self.challenges += 1
        stale = bool(self._said(request)) and self._is_old()
        if self._is_old():
            self._nonce, self._born = secrets.token_hex(16), self._clock()
        fields = f'Digest realm="{self.realm}", nonce="{self._nonce}", stale={"true" if stale else "false"}'
        return fields + (', qop="auth", algorithm=MD5' if self.qop else "")

    def _is_old(self) -> bool:
        return not self._nonce or self._clock() - self._born > self.life_s

    @staticmethod
    def _said(request: Request) -> dict[str, str]:
        kind, _, rest = request.headers.get("authorization", "").partition(" ")
        return parse_keqv_list(parse_http_list(rest)) if kind.lower() == "digest" else {}
