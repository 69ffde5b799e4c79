"""Requests to Moonraker, whose answers hold a result or an error."""

from http import HTTPStatus
from typing import Any

from printers.drivers.driver import DriverError, Trouble
from printers.drivers.readings import mapping, text
from printers.drivers.web import Refused, WebServer, parsed


class MoonrakerHttp(WebServer):
    """Asks one Moonraker."""

    server = "Moonraker"
    closed = "Is Moonraker running?"

    def result(self, status: int, body: bytes) -> Any:
        """The `result` of an answer."""
        said = parsed(body)
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
