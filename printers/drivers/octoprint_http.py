"""Requests to OctoPrint, whose API answers bare JSON, or {"error": …} with a status of HTTP."""

from http import HTTPStatus
from typing import Any

from printers.drivers.driver import DriverError, Trouble
from printers.drivers.readings import mapping, text
from printers.drivers.web import Refused, WebServer, parsed

# A small computer that has rested answers its first request late.
ANSWER_S = 10.0
_NOBODY_BEHIND = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


class OctoPrintHttp(WebServer):
    """Asks one OctoPrint."""

    server = "OctoPrint"
    closed = "Is OctoPrint running? With OctoPi its port is 80."

    def ask(self, method: str, path: str, wait_s: float | None = None, **more: Any) -> Any:
        return super().ask(method, path, ANSWER_S if wait_s is None else wait_s, **more)

    def command(self, path: str, said: dict[str, Any], wait_s: float | None = None) -> Any:
        """POST an object, as all of OctoPrint's orders are."""
        return self.ask("POST", path, wait_s, json=said)

    def result(self, status: int, body: bytes) -> Any:
        """The object of an answer, empty where there is none to give (204)."""
        if status == HTTPStatus.NO_CONTENT:
            return {}
        said = parsed(body)
        if status >= HTTPStatus.BAD_REQUEST:
            raise self._refused(status, said)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            words = f"{self.place} sends us to another address. Enter that one, such as https://…"
            raise DriverError(Trouble.WRONG_PROTOCOL, words)
        if not isinstance(said, dict):
            raise self._stranger()
        return said

    def _refused(self, status: int, said: Any) -> DriverError:
        words = text(mapping(said).get("error"), 300)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return Refused(Trouble.CREDENTIALS, self._words_for_key(), status, words)
        if not words and status in _NOBODY_BEHIND:
            words = f"A web server answers at {self.place}, but OctoPrint behind it does not. Is it starting?"
            return Refused(Trouble.NOT_READY, words, status, "")
        if not words and status == HTTPStatus.NOT_FOUND:
            return self._stranger()
        return Refused(
            Trouble.REFUSED, f"OctoPrint refused: {words.rstrip('. ') or f'error {status}'}.", status, words
        )

    def _words_for_key(self) -> str:
        if not self._endpoint.secret:
            return "OctoPrint wants an API key. Make one in its settings, under Application Keys."
        return "OctoPrint does not accept the API key, or its user may not do this. Copy the key again."

    def _stranger(self) -> DriverError:
        words = f"{self.place} answers, but it is not OctoPrint. Check port (usually 5000 or 80) and path."
        return DriverError(Trouble.WRONG_PROTOCOL, words)
