"""The part of an MQTT 3.1.1 broker that lives in a printer: one client or few, one topic each way."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14
_NOT_AUTHORISED = 5
_LONGEST = 1 << 20


class Owner(Protocol):
    """Whose broker it is."""

    def may_enter(self, user: str, secret: str) -> bool: ...

    def may_subscribe(self, topic: str) -> bool:
        """False cuts the line."""
        ...

    def acknowledges(self) -> bool: ...


Received = Callable[["Session", str, bytes, int], Awaitable[None]]


def packet(kind: int, body: bytes, flags: int = 0) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        length.append(left % 128 | (0x80 if left > 127 else 0))
        left //= 128
        if not left:
            return bytes([kind << 4 | flags]) + bytes(length) + body


def _text(body: bytes, at: int) -> tuple[bytes, int]:
    end = at + 2 + int.from_bytes(body[at : at + 2], "big")
    if end > len(body):
        raise ValueError("text longer than its packet")
    return body[at + 2 : end], end


class Session:
    """One client of the broker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.client_id = ""
        self.topics: set[str] = set()

    async def next(self) -> tuple[int, int, bytes]:
        """Kind, flags and body of the next packet; ValueError for one that is none."""
        first = (await self._reader.readexactly(1))[0]
        length, shift = 0, 0
        while True:
            digit = (await self._reader.readexactly(1))[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                break
        if length > _LONGEST or shift > 28:
            raise ValueError("packet too long")
        return first >> 4, first & 0xF, await self._reader.readexactly(length)

    def send(self, kind: int, body: bytes, flags: int = 0) -> None:
        if not self._writer.is_closing():
            self._writer.write(packet(kind, body, flags))

    def publish(self, topic: str, payload: bytes) -> None:
        """Send a message with QoS 0, if the client has subscribed to `topic`."""
        if topic in self.topics:
            name = topic.encode()
            self.send(PUBLISH, len(name).to_bytes(2, "big") + name + payload)

    def cut(self) -> None:
        self._writer.transport.abort()


class Broker:
    """Listens with TLS, checks logins, answers the protocol and hands publishes to `received`."""

    def __init__(self, owner: Owner, received: Received, tls: ssl.SSLContext) -> None:
        self._owner, self._received, self._tls = owner, received, tls
        self._server: asyncio.Server | None = None
        self.sessions: set[Session] = set()
        self._lines: set[Session] = set()

    async def open(self, host: str, port: int) -> int:
        self._server = await asyncio.start_server(self._serve, host, port, ssl=self._tls, backlog=20)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Drop every client."""
        for session in list(self._lines):
            session.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(reader, writer)
        self._lines.add(session)
        try:
            if await self._enter(session):
                while await self._step(session):
                    pass
        except asyncio.CancelledError:
            # Only at the end of the simulation; asyncio's streams would log it as an error.
            session.cut()
        except (OSError, ValueError, IndexError, asyncio.IncompleteReadError):
            session.cut()
        finally:
            self._lines.discard(session)
            self.sessions.discard(session)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _enter(self, session: Session) -> bool:
        kind, _, body = await session.next()
        protocol, at = _text(body, 0)
        if kind != CONNECT or protocol != b"MQTT":
            return False
        flags = body[at + 1]
        client, at = _text(body, at + 4)
        user, at = _text(body, at) if flags & 0x80 else (b"", at)
        secret, at = _text(body, at) if flags & 0x40 else (b"", at)
        if not self._owner.may_enter(user.decode("utf-8", "replace"), secret.decode("utf-8", "replace")):
            session.send(CONNACK, bytes([0, _NOT_AUTHORISED]))
            return False
        session.client_id = client.decode("utf-8", "replace")
        for other in [other for other in self.sessions if other.client_id == session.client_id]:
            other.cut()
        self.sessions.add(session)
        session.send(CONNACK, b"\x00\x00")
        return True

    async def _step(self, session: Session) -> bool:
        kind, flags, body = await session.next()
        if kind == PUBLISH:
            await self._take(session, flags >> 1 & 3, body)
        elif kind == SUBSCRIBE:
            return self._subscribe(session, body)
        elif kind == UNSUBSCRIBE:
            session.topics.clear()
            session.send(UNSUBACK, body[:2])
        elif kind == PINGREQ:
            session.send(PINGRESP, b"")
        return kind != DISCONNECT

    async def _take(self, session: Session, qos: int, body: bytes) -> None:
        topic, at = _text(body, 0)
        if qos:
            number, at = body[at : at + 2], at + 2
            if self._owner.acknowledges():
                session.send(PUBACK, number)
        await self._received(session, topic.decode("utf-8", "replace"), body[at:], qos)

    def _subscribe(self, session: Session, body: bytes) -> bool:
        topic, _ = _text(body, 2)
        name = topic.decode("utf-8", "replace")
        if not self._owner.may_subscribe(name):
            return False
        session.topics.add(name)
        session.send(SUBACK, body[:2] + b"\x00")
        return True
