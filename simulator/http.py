"""A small HTTP/1.1 server: requests with streamed bodies in, replies out, connections kept alive."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_HEAD_LIMIT = 1 << 16


class Dropped(Exception):
    """The line is to be cut without an answer."""


@dataclass(slots=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    reader: asyncio.StreamReader
    left: int
    raw_path: str = ""

    async def chunk(self) -> bytes:
        """The next piece of the body; empty at its end. IncompleteReadError if the sender stops early."""
        if self.left <= 0:
            return b""
        piece = await self.reader.read(min(self.left, 65536))
        if not piece:
            raise asyncio.IncompleteReadError(b"", self.left)
        self.left -= len(piece)
        return piece

    async def json(self) -> dict[str, Any]:
        """The body as an object; empty for no body or one that is none."""
        body = b""
        while piece := await self.chunk():
            body += piece
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}


@dataclass(slots=True)
class Reply:
    """`cut` sends only the first half and closes."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    cut: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def wire(self, keep: bool) -> bytes:
        fields = {
            "Content-Type": self.kind,
            "Content-Length": str(len(self.body)),
            "Connection": "keep-alive" if keep else "close",
            **self.headers,
        }
        head = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
        return head.encode() + (self.body[: len(self.body) // 2] if self.cut else self.body)


def as_json(content: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(content).encode())


Handler = Callable[[Request], Awaitable[Reply]]
Upgrade = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class HttpServer:
    """Listens on one address and hands every request to `handler`; a Dropped from it cuts the line.

    A line that is to become something else (a WebSocket) is given to `upgrade`, and closed after it.
    """

    def __init__(
        self, handler: Handler, tls: ssl.SSLContext | None = None, upgrade: Upgrade | None = None
    ) -> None:
        self._handler = handler
        self._tls = tls
        self._upgrade = upgrade
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen; returns the port, which the system chose if `port` is 0."""
        self._server = await asyncio.start_server(
            self._serve, host, port, limit=_HEAD_LIMIT, ssl=self._tls, backlog=20
        )
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening too."""
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Cut every line; new ones are taken."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while request := await self._next(reader):
                if self._upgrade and "upgrade" in request.headers:
                    await self._upgrade(request, writer)
                    break
                reply = await self._handler(request)
                keep = request.left == 0 and not reply.cut
                writer.write(reply.wire(keep))
                await writer.drain()
                if not keep:
                    break
        except asyncio.CancelledError:
            # Only at the end of the simulation; asyncio's streams would log it as an error.
            writer.transport.abort()
        except (Dropped, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _next(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as end:
            if end.partial:
                raise
            return None
        first, *rest = head.decode("latin-1").split("\r\n")
        method, target, _version = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in rest if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(
            method, unquote(parts.path), query, headers, reader,
            int(headers.get("content-length", 0)), parts.path,
        )  # fmt: skip
