"""One WebSocket to a printer, blocking: a limit on every wait and message, no thread, proxy, redirect or zip.

The protocol itself is that of websockets, used without its I/O.
"""

import contextlib
import socket
import time
from collections import deque

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus, PayloadTooBig, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import SEND_EOF, State
from websockets.uri import WebSocketURI

# A list of a thousand files is some 200 kB.
MESSAGE_BYTES = 1 << 20
GOODBYE_S = 1.0
_READ_BYTES = 65536
_DRAIN_BYTES = 4 << 20


class Lost(Exception):
    """The connection ended, or could not be used further; the message says how, for the log."""


class TooLarge(Lost):
    """A message beyond MESSAGE_BYTES."""


class NoWebSocket(Exception):
    """Whoever answers does not take the handshake; `status` is HTTP's, 0 where the answer is no HTTP."""

    def __init__(self, status: int) -> None:
        super().__init__(f"handshake refused with {status}")
        self.status = status


class WebSocket:
    """An open connection for text messages. Made by `open_socket`; used by one thread at a time."""

    def __init__(self, line: socket.socket, protocol: ClientProtocol) -> None:
        self._line = line
        self._protocol = protocol
        self._messages: deque[str] = deque()
        self._parts = bytearray()

    def shake_hands(self, until: float) -> None:
        """Ask to speak WebSocket; NoWebSocket if that is not taken, Lost or OSError if nobody answers."""
        self._protocol.send_request(self._protocol.connect())
        self._flush(until)
        while self._protocol.handshake_exc is None and self._protocol.state is not State.OPEN:
            if not self._read(until):
                raise TimeoutError("no answer to the handshake")
        if error := self._protocol.handshake_exc:
            raise _refusal(error)

    def send(self, text: str, until: float) -> None:
        """Write one message; Lost or OSError if the line is gone, after which it may have arrived or not."""
        try:
            self._protocol.send_text(text.encode())
        except WebSocketException as error:
            raise Lost(str(error)) from error
        self._flush(until)

    def receive(self, until: float) -> str | None:
        """The next message; None if none came until then (monotonic clock)."""
        while not self._messages:
            if not self._read(until):
                return None
        return self._messages.popleft()

    def drain(self) -> list[str]:
        """What has arrived so far: what is received next was said later. Lost if the line has ended."""
        taken = 0
        with contextlib.suppress(BlockingIOError, InterruptedError):
            while taken < _DRAIN_BYTES:
                self._line.settimeout(0)
                piece = self._line.recv(_READ_BYTES)
                self._take(piece)
                taken += len(piece)
                if not piece:
                    raise Lost("closed by the printer")
        self._flush(time.monotonic() + GOODBYE_S)
        said, self._messages = list(self._messages), deque()
        return said

    def close(self) -> None:
        """Say goodbye and wait a moment for the answer, so that the printer frees its place at once."""
        until = time.monotonic() + GOODBYE_S
        with contextlib.suppress(OSError, WebSocketException, Lost):
            self._protocol.send_close(1000)
            self._flush(until)
            while self._read(until):
                pass
        self._line.close()

    def _read(self, until: float) -> bool:
        """Take in what arrives next; False if that is nothing until then."""
        wait_s = until - time.monotonic()
        if wait_s <= 0:
            return False
        self._line.settimeout(wait_s)
        try:
            piece = self._line.recv(_READ_BYTES)
        except TimeoutError:
            return False
        self._take(piece)
        self._flush(until)
        if not piece and self._protocol.handshake_exc is None:
            raise Lost("closed by the printer")
        return True

    def _take(self, piece: bytes) -> None:
        if piece:
            self._protocol.receive_data(piece)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take_frame(event)
        if isinstance(self._protocol.parser_exc, PayloadTooBig):
            raise TooLarge(str(self._protocol.parser_exc))
        if self._protocol.parser_exc is not None:
            raise Lost(str(self._protocol.parser_exc))

    def _take_frame(self, frame: Frame) -> None:
        """Collect text, which may come in several frames. Pings are answered by the protocol."""
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        self._parts += frame.data
        if frame.fin:
            self._messages.append(self._parts.decode("utf-8", "replace"))
            self._parts.clear()

    def _flush(self, until: float) -> None:
        self._line.settimeout(max(0.05, until - time.monotonic()))
        for piece in self._protocol.data_to_send():
            if piece is SEND_EOF:
                with contextlib.suppress(OSError):
                    self._line.shutdown(socket.SHUT_WR)
            else:
                self._line.sendall(piece)


def open_socket(host: str, port: int, path: str, connect_s: float) -> WebSocket:
    """Connect to this very address within `connect_s`; OSError, Lost or NoWebSocket if that fails."""
    until = time.monotonic() + connect_s
    line = socket.create_connection((host, port), connect_s)
    try:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened = WebSocket(
            line, ClientProtocol(WebSocketURI(False, host, port, path, ""), max_size=MESSAGE_BYTES)
        )
        opened.shake_hands(until)
    except BaseException:
        line.close()
        raise
    return opened


def _refusal(error: Exception) -> Exception:
    if isinstance(error, InvalidStatus):
        return NoWebSocket(error.response.status_code)
    if isinstance(error.__cause__, EOFError):
        return Lost("closed during the handshake")
    return NoWebSocket(0)
