"""Questions to an Elegoo printer over its WebSocket (facts 5.1 to 5.3), each with a limit, failures in words.

A Centauri Carbon bears about four clients. So a connection stays open only while it is used: what nobody has
asked for some seconds is closed (elegoo_linger). Polls of one printer come every two seconds and never two at
a time, so one process keeps its connection, and of many that take turns two or three have one at most.
"""

import contextlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from printers.drivers import elegoo_linger
from printers.drivers.driver import DriverError, Endpoint, Trouble
from printers.drivers.elegoo_probe import BOARD_LENGTH
from printers.drivers.elegoo_socket import Lost, NoWebSocket, TooLarge, WebSocket, open_socket
from printers.drivers.readings import mapping, text, whole

CONNECT_S = 5.0
ANSWER_S = 5.0
# A status that was under way when we asked may come before the one we asked for.
SETTLE_S = 0.5
PATH = "/websocket"
STATUS, ATTRIBUTES = 0, 1
_FROM_WEB = 1
_FULL = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE})


class Unsent(DriverError):
    """No connection came about: the printer has certainly not seen the order."""


class NoAnswer(DriverError):
    """The order went out, or may have, and nothing came back."""


class SdcpLink:
    """Asks one printer. `board` is the MainboardID it told, empty before the first connection."""

    def __init__(self, endpoint: Endpoint, default_port: int) -> None:
        self._endpoint = endpoint
        self.port = endpoint.port or default_port
        self.place = f"{endpoint.host}:{self.port}"
        self.board = ""
        self.attributes: dict[str, Any] = {}
        self.failed_transfers: list[int] = []
        self._socket: WebSocket | None = None
        self._used_at = 0.0
        self._lock = threading.RLock()

    def status(self) -> dict[str, Any]:
        """What the printer says of itself now, asked for now; DriverError if it does not."""
        return self._once_more(self._status)

    def look_up(self, cmd: int, data: dict[str, Any], wanted: str, wait_s: float | None = None) -> Any:
        """The field `wanted` of the answer to a question that changes nothing, None if it was refused."""
        answer = self._once_more(lambda: self._ask(cmd, data, wait_s or ANSWER_S, wanted))
        return answer.get(wanted)

    def order(self, cmd: int, data: dict[str, Any], wait_s: float) -> int | None:
        """Give an order once and return its Ack, None for one that is no number.

        Unsent if nothing was sent. Any other error leaves open whether the printer has obeyed.
        """
        with self._using():
            return whole(self._ask(cmd, data, wait_s, "").get("Ack"), -(1 << 31), 1 << 31)

    def listen(self, seconds: float) -> None:
        """Hear what the printer says by itself; failed transfers go to `failed_transfers` (facts 5.4)."""
        with self._using() as opened:
            until = time.monotonic() + seconds
            while self._next(opened, until) is not None:
                pass

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile the connection is open and stays so, whatever else takes how long."""
        with self._using():
            yield

    def close(self) -> None:
        with self._lock:
            opened, self._socket = self._socket, None
            if opened:
                opened.close()

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def close_if_idle(self) -> None:
        """Called by another thread: close what was not used for LINGER_S."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if time.monotonic() - self._used_at >= elegoo_linger.LINGER_S:
                self.close()
        finally:
            self._lock.release()

    def _once_more(self, question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Ask over the open connection; if that has ended meanwhile, once more over a new one."""
        was_open = self._socket is not None
        try:
            with self._using():
                return question()
        except NoAnswer:
            if not was_open:
                raise
        with self._using():
            return question()

    def _status(self) -> dict[str, Any]:
        opened, request = self._send(STATUS, {})
        until, told, acked = time.monotonic() + ANSWER_S, None, False
        while (said := self._next(opened, until)) is not None:
            acked = acked or _answers(said, request)
            if found := _found(said, "Status"):
                told = found
                if acked:
                    return told
            elif told is not None and acked:
                until = min(until, time.monotonic() + SETTLE_S)
        if told is None:
            raise NoAnswer(Trouble.NONSENSE, f"{self.place} is connected, but does not tell its state.")
        return told

    def _ask(self, cmd: int, data: dict[str, Any], wait_s: float, wanted: str) -> dict[str, Any]:
        """The `Data` of the answer. A list may come in a message of its own after the bare Ack."""
        opened, request = self._send(cmd, data)
        until, answer = time.monotonic() + wait_s, None
        while (said := self._next(opened, until)) is not None:
            if _answers(said, request):
                answer = mapping(mapping(said.get("Data")).get("Data"))
                if not wanted or wanted in answer or answer.get("Ack") != 0:
                    return answer
        if answer is not None:
            return answer
        raise NoAnswer(Trouble.UNREACHABLE, f"{self.place} took the request and did not answer in time.")

    def _send(self, cmd: int, data: dict[str, Any]) -> tuple[WebSocket, str]:
        opened = self._socket
        if opened is None:
            raise NoAnswer(Trouble.UNREACHABLE, f"The connection to {self.place} was lost.")
        request = secrets.token_hex(16)
        said = {
            "Id": secrets.token_hex(16),
            "Data": {
                "Cmd": cmd, "Data": data, "RequestID": request, "MainboardID": self.board,
                "TimeStamp": int(time.time()), "From": _FROM_WEB,
            },
            "Topic": f"sdcp/request/{self.board}",
        }  # fmt: skip
        opened.send(json.dumps(said), time.monotonic() + ANSWER_S)
        return opened, request

    def _next(self, opened: WebSocket, until: float) -> dict[str, Any] | None:
        """The next message that is an object; None if none came in time. Any other text is passed over."""
        while (message := opened.receive(until)) is not None:
            if (said := _read(message)) is not None:
                self._note(said)
                return said
        return None

    def _note(self, said: dict[str, Any]) -> None:
        """Keep what may be told at any time."""
        if told := _found(said, "Attributes"):
            self.attributes = told
        if text(said.get("Topic")).startswith("sdcp/error"):
            code = whole(mapping(mapping(said.get("Data")).get("Data")).get("ErrorCode"), 0, 1 << 31)
            self.failed_transfers = [*self.failed_transfers, code or 0][-8:]

    @contextlib.contextmanager
    def _using(self) -> Iterator[WebSocket]:
        """The connection, opened if needed; what goes wrong with it closes it and becomes a DriverError."""
        with self._lock:
            try:
                yield self._opened()
            except TooLarge as error:
                self.close()
                words = f"{self.place} answers with more data than any printer does."
                raise DriverError(Trouble.NONSENSE, words) from error
            except (Lost, OSError) as error:
                self.close()
                raise NoAnswer(Trouble.UNREACHABLE, f"The connection to {self.place} was lost.") from error
            except DriverError:
                self.close()
                raise
            finally:
                self._used_at = time.monotonic()

    def _opened(self) -> WebSocket:
        if self._socket is not None:
            with contextlib.suppress(Lost, OSError):
                for message in self._socket.drain():
                    self._note(_read(message) or {})
                return self._socket
            self.close()
        self._socket = self._connected()
        self._used_at = time.monotonic()
        elegoo_linger.sweeper.watch(self)
        self._introduce()
        return self._socket

    def _connected(self) -> WebSocket:
        if self._endpoint.tls:
            words = "This printer is reached without TLS: give its address without https://."
            raise Unsent(Trouble.WRONG_PROTOCOL, words)
        try:
            return open_socket(self._endpoint.host, self.port, PATH, CONNECT_S)
        except NoWebSocket as refusal:
            if refusal.status in _FULL:
                words = (
                    f"{self.place} bears no further connection: only about four programs can be connected at "
                    "a time. Close the slicer, its web page and apps that watch this printer."
                )
                raise Unsent(Trouble.NOT_READY, words) from refusal
            words = f"{self.place} answers, but it is not an Elegoo printer with SDCP (port usually 3030)."
            raise Unsent(Trouble.WRONG_PROTOCOL, words) from refusal
        except Lost as error:
            words = (
                f"{self.place} hung up at once. It may be another device, or too many programs are connected "
                "to the printer: about four can be."
            )
            raise Unsent(Trouble.UNREACHABLE, words) from error
        except (OSError, UnicodeError) as error:
            raise self._unreachable(error) from error

    def _introduce(self) -> None:
        """Learn who is there, which every request has to name; Unsent if it is not the printer meant."""
        # Without an id: another printer than last time may be there, and would not answer to it.
        self.attributes, self.board = {}, ""
        try:
            opened, _request = self._send(ATTRIBUTES, {})
            until = time.monotonic() + ANSWER_S
            while not self.attributes and self._next(opened, until) is not None:
                pass
        except TooLarge:
            raise
        except (Lost, OSError) as error:
            raise Unsent(Trouble.UNREACHABLE, f"The connection to {self.place} was lost.") from error
        if not self.attributes:
            words = f"{self.place} does not say what it is, as an Elegoo printer with SDCP would."
            raise Unsent(Trouble.WRONG_PROTOCOL, words)
        board = text(self.attributes.get("MainboardID"), BOARD_LENGTH)
        if self._endpoint.serial and board and board.lower() != self._endpoint.serial.lower():
            words = (
                f"Another printer than the one meant answers at {self.place}: its MainboardID is {board}. "
                "Correct the address, or the serial number if its board was replaced."
            )
            raise Unsent(Trouble.WRONG_SERIAL, words)
        self.board = board

    def _unreachable(self, error: Exception) -> Unsent:
        said, host = str(error).lower(), self._endpoint.host
        if isinstance(error, ConnectionRefusedError):
            words = f"{host} is there, but its port {self.port} is closed. Is it an Elegoo printer with SDCP?"
        elif isinstance(error, UnicodeError) or "name" in said or "no address associated" in said:
            words = f"The name {host} is not known in this network."
        else:
            words = f"No answer from {self.place}. Check the address and that the printer is on."
        return Unsent(Trouble.UNREACHABLE, words)


def _read(message: str) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError, RecursionError):
        said = json.loads(message)
        return said if isinstance(said, dict) else None
    return None


def _answers(said: dict[str, Any], request: str) -> bool:
    """Whether a message is the answer to this very request."""
    topic, data = text(said.get("Topic")), mapping(said.get("Data"))
    return topic.startswith("sdcp/response") and data.get("RequestID") == request


def _found(said: dict[str, Any], name: str) -> dict[str, Any]:
    """A report in a message: at its top, or inside its Data, as firmware differs."""
    return mapping(said.get(name)) or mapping(mapping(said.get("Data")).get(name))
