"""Requests to a printer's web server: one kept connection, limits on all waits, failures as DriverErrors."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.tls import fetch_fingerprint

CONNECT_S = 5.0
ANSWER_S = 5.0
ANSWER_BYTES = 8 << 20
_PIECE_BYTES = 65536


class Unsent(DriverError):
    """No connection came about: the printer has certainly not seen the request."""


class Refused(DriverError):
    """The server answered with an error; `status` is HTTP's and `said` the server's own message."""

    def __init__(self, trouble: Trouble, words: str, status: int, said: str) -> None:
        super().__init__(trouble, words)
        self.status = status
        self.said = said


class NoAnswer(DriverError):
    """The request went out and nothing came back in time."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; the names of `headers` are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Pinned(HTTPAdapter):
    """HTTPS to a self-signed certificate known by its fingerprint."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, assert_fingerprint=self._fingerprint)


class Web:
    """Asks one server. `product` is what people call it, `closed_hint` what to look at if its port is closed.

    `fingerprint` is that of its certificate once a TLS connection was made.
    """

    def __init__(self, endpoint: Endpoint, default_port: int, product: str, closed_hint: str) -> None:
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        self.endpoint = endpoint
        self._port = endpoint.port or default_port
        self._product, self._closed_hint = product, closed_hint
        self.place = f"{endpoint.host}:{self._port}"
        self.prefix = "/" + endpoint.prefix.strip("/") if endpoint.prefix.strip("/") else ""
        self._base = f"{'https' if endpoint.tls else 'http'}://{host}:{self._port}{self.prefix}"
        self._session: requests.Session | None = None
        self.fingerprint = endpoint.fingerprint

    def send(self, method: str, path: str, wait_s: float | None = None, **more: Any) -> Heard:
        """What the server answers, whatever its status; `more` goes to requests."""
        patience_s = ANSWER_S if wait_s is None else wait_s
        try:
            answer = self._connected().request(
                method,
                self._base + path,
                timeout=(CONNECT_S, patience_s),
                stream=True,
                allow_redirects=False,
                **more,
            )
            try:
                return Heard(answer.status_code, answer.headers, self._body(answer, patience_s))
            finally:
                answer.close()
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise self._network_trouble(error) from error

    def close(self) -> None:
        """Close the sockets; the next request opens new ones."""
        if self._session:
            self._session.close()
            self._session = None

    def prepare(self, session: requests.Session) -> None:
        """Set what every request carries; once for each session."""

    def _connected(self) -> requests.Session:
        if self._session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers["User-Agent"] = "odin"
            self.prepare(session)
            if self.endpoint.tls:
                session.verify = False
                session.mount("https://", _Pinned(self._accepted_certificate()))
            self._session = session
        return self._session

    def _accepted_certificate(self) -> str:
        if not self.fingerprint:
            try:
                self.fingerprint = fetch_fingerprint(self.endpoint.host, self._port, CONNECT_S)
            except ssl.SSLError as error:
                raise Unsent(Trouble.WRONG_PROTOCOL, f"{self.place} answers, but not over TLS.") from error
            except OSError as error:
                raise self._unreachable(error) from error
        return self.fingerprint

    def _body(self, answer: requests.Response, wait_s: float) -> bytes:
        until = time.monotonic() + wait_s + CONNECT_S
        body = bytearray()
        while piece := answer.raw.read1(_PIECE_BYTES, decode_content=True):
            body += piece
            if len(body) > ANSWER_BYTES:
                raise DriverError(
                    Trouble.NONSENSE, f"{self.place} answers with more data than any printer does."
                )
            if time.monotonic() > until:
                raise NoAnswer(Trouble.UNREACHABLE, f"{self.place} answers too slowly to be used.")
        # read1 does not notice a body that ends before its announced length.
        announced = answer.headers.get("Content-Length", "")
        if announced.isdigit() and not answer.headers.get("Content-Encoding") and len(body) < int(announced):
            raise DriverError(Trouble.NONSENSE, f"{self.place} broke off in the middle of an answer.")
        return bytes(body)

    def _network_trouble(self, error: Exception) -> DriverError:
        cause = _deepest(error)
        if isinstance(error, requests.exceptions.SSLError):
            if self.endpoint.fingerprint and "fingerprint" in str(cause).lower():
                return Unsent(
                    Trouble.CERTIFICATE,
                    f"{self._product} shows another certificate than before. "
                    "If you renewed it, accept the new one.",
                )
            return Unsent(Trouble.WRONG_PROTOCOL, f"{self.place} answers, but not over TLS.")
        if isinstance(error, requests.ConnectTimeout) or isinstance(
            cause, urllib3.exceptions.NewConnectionError
        ):
            return self._unreachable(cause)
        if isinstance(error, requests.exceptions.InvalidURL | UnicodeError):
            return Unsent(Trouble.UNREACHABLE, f"{self.endpoint.host} is no address.")
        if "timed out" in str(error).lower() or isinstance(error, requests.Timeout):
            return NoAnswer(Trouble.UNREACHABLE, f"{self.place} took the request and did not answer in time.")
        if (
            isinstance(cause, urllib3.exceptions.ProtocolError)
            and "connection aborted" not in str(cause).lower()
        ):
            return DriverError(Trouble.NONSENSE, f"{self.place} broke off in the middle of an answer.")
        if isinstance(error, requests.exceptions.ContentDecodingError | urllib3.exceptions.DecodeError):
            return DriverError(Trouble.NONSENSE, f"{self.place} answers with data that cannot be read.")
        if "BadStatusLine" in str(error):
            return DriverError(
                Trouble.WRONG_PROTOCOL, f"{self.place} answers, but it is not {self._product}."
            )
        return NoAnswer(Trouble.UNREACHABLE, f"The connection to {self.place} was lost.")

    def _unreachable(self, cause: BaseException) -> Unsent:
        said = str(cause).lower()
        if "refused" in said:
            words = f"{self.endpoint.host} is there, but its port {self._port} is closed. {self._closed_hint}"
        elif "resolve" in said or "name or service" in said or "no address associated" in said:
            words = f"The name {self.endpoint.host} is not known in this network."
        else:
            words = f"No answer from {self.place}. Check the address and that the printer is on."
        return Unsent(Trouble.UNREACHABLE, words)


def _deepest(error: BaseException) -> BaseException:
    """What requests wrapped: the reason of a retry, or the first argument of its exception."""
    for _ in range(4):
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        if not isinstance(inner, BaseException):
            return error
        error = inner
    return error
