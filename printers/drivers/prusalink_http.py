"""Requests to PrusaLink: let in by key or password, and what its refusals mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from printers.drivers import web
from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.prusalink_access import Digest
from printers.drivers.readings import text
from printers.drivers.web import Refused, WebServer, parsed

USUAL_USER = "maker"
# The firmware's nonces live for 300 s; an upload begins with one that is certain to be taken.
FRESH_S = 120.0
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_FULL = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.INSUFFICIENT_STORAGE)
_TRIES = 2


@dataclass(frozen=True, slots=True)
class _Heard:
    """An answer; the names of `headers` are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Renewed(Refused):
    """A body was sent for nothing: its nonce was no longer good. A second try has a new one."""


class PrusaLinkHttp(WebServer):
    """Asks one PrusaLink.

    Without a user name the secret goes as X-Api-Key first, which the firmware takes for its password and
    the service on a Raspberry Pi for its key; then as the password of the usual user. With a user name only
    the digest is sent.
    """

    server = "PrusaLink"
    closed = "Is PrusaLink turned on in the printer's network settings?"

    def __init__(self, endpoint: Endpoint, default_port: int) -> None:
        super().__init__(endpoint, default_port)
        self._digest = Digest(endpoint.user or USUAL_USER, endpoint.secret)
        self._by_key = self._may_be_key()

    def ask(
        self, method: str, path: str, wait_s: float | None = None, *, once: bool = False, **more: Any
    ) -> Any:
        """The object that answers any request, empty without one. Raises a DriverError or a kind of it.

        With `data`, a body that is read only once, a nonce that has expired is Renewed. `once` sends nothing
        again, not even what was certainly not let in.
        """
        heard = self._heard(method, path, wait_s, more)
        for _ in range(_TRIES):
            if once or heard.status not in _DENIED or not self._can_try_again(heard):
                break
            if "data" in more:
                raise Renewed(Trouble.CREDENTIALS, _DENIED_WORDS, heard.status, "")
            heard = self._heard(method, path, wait_s, more)
        return self.result(heard.status, heard.body, heard.headers)

    def freshen(self) -> None:
        """See to it that the next request has a young nonce."""
        if not self._by_key and self._digest.age_s > FRESH_S:
            self._digest.forget()
            self.get("/api/version")

    def _connected(self) -> requests.Session:
        is_new = self._session is None
        session = super()._connected()
        if is_new:
            # How the secret is told is for each request to say.
            session.headers.pop("X-Api-Key", None)
            session.headers["Accept"] = "application/json"
        return session

    def _may_be_key(self) -> bool:
        secret = self._endpoint.secret
        return bool(secret) and not self._endpoint.user and secret.isascii() and secret.isprintable()

    def _heard(self, method: str, path: str, wait_s: float | None, more: dict[str, Any]) -> _Heard:
        """One request and its answer, headers and all, which tell how to be let in."""
        url = self._base + path
        carried: dict[str, str | bytes] = dict(more.get("headers", {}))
        if self._by_key:
            carried["X-Api-Key"] = self._endpoint.secret
        elif answer := self._digest.header(method, urlsplit(url).path):
            carried["Authorization"] = answer
        patience_s = web.ANSWER_S if wait_s is None else wait_s
        try:
            heard = self._connected().request(
                method, url, timeout=(web.CONNECT_S, patience_s), stream=True, allow_redirects=False,
                **{**more, "headers": carried},
            )  # fmt: skip
            try:
                return _Heard(heard.status_code, heard.headers, self._body(heard, patience_s))
            finally:
                heard.close()
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise self._network_trouble(error) from error

    def _can_try_again(self, heard: _Heard) -> bool:
        """Whether the refusal tells how to be let in: another way, or with a nonce not used before."""
        learned = self._digest.learn(heard.headers.get("WWW-Authenticate", ""))
        if self._by_key:
            self._by_key = False
            return True
        return learned and bool(self._endpoint.secret)

    def result(self, status: int, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> Any:
        """The object that an answer holds."""
        said = parsed(body)
        if status < HTTPStatus.MULTIPLE_CHOICES:
            if isinstance(said, dict):
                return said
            if not body.strip():
                return {}
            raise self._stranger()
        if isinstance(said, dict) and ("message" in said or "title" in said):
            words = [text(said.get(name), 200) for name in ("title", "message")]
            raise self._refused(status, ": ".join(filter(None, words)))
        plain = body[:400].decode("utf-8", "replace")
        if "digest" in headers.get("WWW-Authenticate", "").lower() or plain.startswith(f"{status}:"):
            raise self._refused(status, text(plain, 200))
        raise self._stranger()

    def _stranger(self) -> DriverError:
        return DriverError(
            Trouble.WRONG_PROTOCOL, f"{self.place} answers, but it is not PrusaLink. Check address and port."
        )

    def _refused(self, status: int, said: str) -> Refused:
        if status in _DENIED:
            # Both ways were tried in vain; the next request begins with the first again.
            self._by_key = self._may_be_key()
            self._digest.forget()
            words = (
                _DENIED_WORDS if self._endpoint.secret else "PrusaLink wants a password. It is on its screen."
            )
            return Refused(Trouble.CREDENTIALS, words, status, said)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            words = (
                f"PrusaLink runs, but the printer behind it does not answer ({said or 'no reason given'})."
            )
            return Refused(Trouble.NOT_READY, words, status, said)
        if status in _FULL:
            words = f"There is no room for the file on the printer ({said or f'error {status}'})."
            return Refused(Trouble.STORAGE, words, status, said)
        return Refused(Trouble.REFUSED, f"The printer refused: {said or f'error {status}'}.", status, said)


_DENIED_WORDS = (
    "The password is wrong, or the user name. The password is on the printer's screen, in its network "
    "settings; a Raspberry Pi has the user name that was chosen when it was set up."
)
