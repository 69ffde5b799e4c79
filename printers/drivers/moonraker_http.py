"""Requests to Moonraker, and what its refusals mean."""

import json
from http import HTTPStatus
from typing import Any

import requests

from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.readings import mapping, text
from printers.drivers.web import Refused, Web


class MoonrakerHttp(Web):
    """Asks one Moonraker. `fingerprint` is that of its certificate once a TLS connection was made."""

    def __init__(self, endpoint: Endpoint, default_port: int) -> None:
        super().__init__(endpoint, default_port, "Moonraker", "Is Moonraker running?")

    def get(self, path: str, **query: str) -> Any:
        """The `result` of a GET."""
        return self.ask("GET", path, params=query)

    def post(self, path: str, wait_s: float | None = None, **query: str) -> Any:
        """The `result` of a POST without a body."""
        return self.ask("POST", path, wait_s=wait_s, params=query)

    def ask(self, method: str, path: str, wait_s: float | None = None, **more: Any) -> Any:
        """The `result` of any request; `more` goes to requests. Raises a DriverError or a kind of it."""
        heard = self.send(method, path, wait_s, **more)
        return self._result(heard.status, heard.body)

    def prepare(self, session: requests.Session) -> None:
        if self.endpoint.secret:
            session.headers["X-Api-Key"] = self.endpoint.secret

    def _result(self, status: int, body: bytes) -> Any:
        try:
            said = json.loads(body.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            said = None
        known = isinstance(said, dict) and ("result" in said or "error" in said)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and not known:
            raise self._refused(status, "")
        if not isinstance(said, dict) or not known:
            raise DriverError(
                Trouble.WRONG_PROTOCOL,
                f"{self.place} answers, but it is not Moonraker. Check port (usually 7125) and path.",
            )
        if status >= HTTPStatus.BAD_REQUEST or "result" not in said:
            raise self._refused(status, text(mapping(said.get("error")).get("message"), 400))
        return said["result"]

    def _refused(self, status: int, said: str) -> Refused:
        if status == HTTPStatus.UNAUTHORIZED or (status == HTTPStatus.FORBIDDEN and not said):
            words = (
                "Moonraker wants an API key, or the one given is wrong. Copy it from Moonraker's settings."
            )
            return Refused(Trouble.CREDENTIALS, words, status, said)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            words = f"Moonraker runs, but Klipper behind it does not ({said or 'no reason given'})."
            return Refused(Trouble.NOT_READY, words, status, said)
        return Refused(Trouble.REFUSED, f"The printer refused: {said or f'error {status}'}.", status, said)
