"""Requests to a printer's web server: a kept-alive session, limits on waits, each failure a DriverError."""

import json
import ssl
import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

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
    """The server answered with an error; `status` is HTTP's and `said` its own message."""

    def __init__(self, trouble: Trouble, words: str, status: int, said: str) -> None:
        super().__init__(trouble, words)
        self.status = status
        self.said = said


class NoAnswer(DriverError):
    """The request went out and nothing came back in time."""


class _Pinned(HTTPAdapter):
    """HTTPS to a self-signed certificate known by its fingerprint."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, assert_fingerprint=self._fingerprint)


class WebServer(ABC):
    """Asks one server. `fingerprint` is that of its certificate once a TLS connection was made.

    `server` is what it should be, by name; `closed` is added where its port is closed.
    """

    server: ClassVar[str]
    closed: ClassVar[str]

    def __init__(self, endpoint: Endpoint, default_port: int) -> None:
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        self._endpoint = endpoint
        self._port = endpoint.port or default_port
        self.place = f"{endpoint.host}:{self._port}"
        prefix = "/" + endpoint.prefix.strip("/") if endpoint.prefix.strip("/") else ""
        self._base = f"{'https' if endpoint.tls else 'http'}://{host}:{self._port}{prefix}"
        self._session: requests.Session | None = None
        self.fingerprint = endpoint.fingerprint

    def get(self, path: str, **query: str) -> Any:
        """What a GET is answered with."""
        return self.ask("GET", path, params=query)

    def post(self, path: str, wait_s: float | None = None, **query: str) -> Any:
        """What a POST without a body is answered with."""
        return self.ask("POST", path, wait_s=wait_s, params=query)

    def ask(self, method: str, path: str, wait_s: float | None = None, **more: Any) -> Any:
        """What any request is answered with; `more` goes to requests. Raises DriverError or a kind of it."""
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
                body = self._body(answer, patience_s)
            finally:
                answer.close()
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            raise self._network_trouble(error) from error
        return self.result(answer.status_code, body)

    def close(self) -> None:
        """Close the sockets; the next request opens new ones."""
        if self._session:
            self._session.close()
            self._session = None

    def _connected(self) -> requests.Session:
        if self._session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers["User-Agent"] = "odin"
            if self._endpoint.secret:
                session.headers["X-Api-Key"] = self._endpoint.secret
            if self._endpoint.tls:
                session.verify = False
                session.mount("https://", _Pinned(self._accepted_certificate()))
            self._session = session
        return self._session

    def _accepted_certificate(self) -> str:
        if not self.fingerprint:
            try:
                self.fingerprint = fetch_fingerprint(self._endpoint.host, self._port, CONNECT_S)
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

    @abstractmethod
    def result(self, status: int, body: bytes) -> Any:
        """What an answer holds; Refused if it is an error, another DriverError if it is not `server`'s."""

    def _network_trouble(self, error: Exception) -> DriverError:
        cause = _deepest(error)
        if isinstance(error, requests.exceptions.SSLError):
            if self._endpoint.fingerprint and "fingerprint" in str(cause).lower():
                return Unsent(
                    Trouble.CERTIFICATE,
                    f"{self.server} shows another certificate than before. "
                    "If you renewed it, accept the new one.",
                )
            return Unsent(Trouble.WRONG_PROTOCOL, f"{self.place} answers, but not over TLS.")
        if isinstance(error, requests.ConnectTimeout) or isinstance(
            cause, urllib3.exceptions.NewConnectionError
        ):
            return self._unreachable(cause)
        if isinstance(error, requests.exceptions.InvalidURL | UnicodeError):
            return Unsent(Trouble.UNREACHABLE, f"{self._endpoint.host} is no address.")
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
            return DriverError(Trouble.WRONG_PROTOCOL, f"{self.place} answers, but it is not {self.server}.")
        return NoAnswer(Trouble.UNREACHABLE, f"The connection to {self.place} was lost.")

    def _unreachable(self, cause: BaseException) -> Unsent:
        said = str(cause).lower()
        if "refused" in said:
            words = f"{self._endpoint.host} is there, but its port {self._port} is closed. {self.closed}"
        elif "resolve" in said or "name or service" in said or "no address associated" in said:
            words = f"The name {self._endpoint.host} is not known in this network."
        else:
            words = f"No answer from {self.place}. Check the address and that the printer is on."
        return Unsent(Trouble.UNREACHABLE, words)


def parsed(body: bytes) -> Any:
    """`body` read as JSON; None if it is none."""
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _deepest(error: BaseException) -> BaseException:
    """What requests wrapped: the reason of a retry, or the first argument of its exception."""
    for _ in range(4):
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        if not isinstance(inner, BaseException):
            return error
        error = inner
    return error
