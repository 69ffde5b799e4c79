"""The server's end of a WebSocket, over a line that simulator.http has read the request from."""

import asyncio
import logging
from collections.abc import AsyncIterator

from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import SEND_EOF, State
from websockets.server import ServerProtocol

from simulator.http import Request

_silent = logging.getLogger("simulator.websocket")
_silent.setLevel(logging.CRITICAL)


class Peer:
    """One client."""

    def __init__(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self._request, self._writer = request, writer
        self._protocol = ServerProtocol(logger=_silent)

    @property
    def said_goodbye(self) -> bool:
        return self._protocol.close_rcvd is not None

    def accept(self) -> bool:
        """Answer the handshake; False if it was none."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self._request.headers.items())
        self._protocol.receive_data(f"GET {self._request.path} HTTP/1.1\r\n{head}\r\n".encode())
        for event in self._protocol.events_received():
            if isinstance(event, Handshake):
                self._protocol.send_response(self._protocol.accept(event))
        self._flush()
        return self._protocol.state is State.OPEN

    async def messages(self, idle_s: float) -> AsyncIterator[str]:
        """What the client says, until it leaves or has said nothing for `idle_s` seconds."""
        while self._protocol.state is State.OPEN:
            try:
                piece = await asyncio.wait_for(self._request.reader.read(65536), idle_s)
            except TimeoutError:
                self.abort()
                return
            if not piece:
                return
            self._protocol.receive_data(piece)
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    yield bytes(event.data).decode("utf-8", "replace")
            self._flush()

    def send(self, text: str) -> None:
        """Say something; a client that has left does not hear it."""
        try:
            self._protocol.send_text(text.encode())
        except WebSocketException:
            return
        self._flush()

    def abort(self) -> None:
        """Cut the line."""
        self._writer.transport.abort()

    def _flush(self) -> None:
        for piece in self._protocol.data_to_send():
            if piece is not SEND_EOF and not self._writer.is_closing():
                self._writer.write(piece)
