"""Requests to PrusaLink: let in by key or password, and what its refusals mean."""

import json
from http import HTTPStatus
from typing import Any

import requests

from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.prusalink_access import Digest
from printers.drivers.readings import text
from printers.drivers.web import Heard, Refused, Web

USUAL_USER = "maker"
# The firmware's nonces live for 300 s; an upload begins with one that is certain to be taken.
FRESH_S = 120.0
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_FULL = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.INSUFFICIENT_STORAGE)
_TRIES = 2


class Renewed(Refused):
    """A body was sent for nothing: its nonce was no longer good. A second try has a new one."""


class PrusaLinkHttp(Web):
    """Asks one PrusaLink.

    Without a user name the secret goes as X-Api-Key first, which the firmware takes for its password and
    the service on a Raspberry Pi for its key; then as the password of the usual user. With a user name only
    the digest is sent.
    """

    def __init__(self, endpoint: Endpoint, default_port: int) -> None:
        hint = "Is PrusaLink turned on in the printer's network settings?"
        super().__init__(endpoint, default_port, "PrusaLink", hint)
        self._digest = Digest(endpoint.user or USUAL_USER, endpoint.secret)
        self._by_key = self._may_be_key()

    def get(self, path: str) -> dict[str, Any]:
        return self.ask("GET", path)

    def ask(self, method: str, path: str, wait_s: float | None = None, data: Any = None,
            once: bool = False, **headers: str) -> dict[str, Any]:  # fmt: skip
        """The object that answers any request, empty without one. Raises a DriverError or a kind of it.

        With `data`, a body that is read only once, a nonce that has expired is Renewed. `once` sends nothing
        again, not even what was certainly not let in.
        """
        heard = self._heard(method, path, wait_s, data, headers)
        for _ in range(_TRIES):
            if once or heard.status not in _DENIED or not self._can_try_again(heard):
                break
            if data is not None:
                raise Renewed(Trouble.CREDENTIALS, _DENIED_WORDS, heard.status, "")
            heard = self._heard(method, path, wait_s, data, headers)
        return self._result(heard)

    def freshen(self) -> None:
        """See to it that the next request has a young nonce."""
        if not self._by_key and self._digest.age_s > FRESH_S:
            self._digest.forget()
            self.get("/api/version")

    def prepare(self, session: requests.Session) -> None:
        session.headers["Accept"] = "application/json"

    def _may_be_key(self) -> bool:
        secret = self.endpoint.secret
        return bool(secret) and not self.endpoint.user and secret.isascii() and secret.isprintable()

    def _heard(
        self, method: str, path: str, wait_s: float | None, data: Any, headers: dict[str, str]
    ) -> Heard:
        carried: dict[str, str | bytes] = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._by_key:
            carried["X-Api-Key"] = self.endpoint.secret
        elif answer := self._digest.header(method, self.prefix + path):
            carried["Authorization"] = answer
        return self.send(method, path, wait_s, data=data, headers=carried)

    def _can_try_again(self, heard: Heard) -> bool:
        """Whether the refusal tells how to be let in: another way, or with a nonce not used before."""
        learned = self._digest.learn(heard.headers.get("WWW-Authenticate", ""))
        if self._by_key:
            self._by_key = False
            return True
        return learned and bool(self.endpoint.secret)

    def _result(self, heard: Heard) -> dict[str, Any]:
        try:
            said = json.loads(heard.body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            said = None
        if heard.status < HTTPStatus.MULTIPLE_CHOICES:
            if isinstance(said, dict):
                return said
            if not heard.body.strip():
                return {}
            raise self._stranger()
        offers_digest = "digest" in heard.headers.get("WWW-Authenticate", "").lower()
        if isinstance(said, dict) and ("message" in said or "title" in said):
            words = [text(said.get(name), 200) for name in ("title", "message")]
            raise self._refused(heard.status, ": ".join(filter(None, words)))
        plain = heard.body[:400].decode("utf-8", "replace")
        if offers_digest or plain.startswith(f"{heard.status}:"):
            raise self._refused(heard.status, text(plain, 200))
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
                _DENIED_WORDS if self.endpoint.secret else "PrusaLink wants a password. It is on its screen."
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
