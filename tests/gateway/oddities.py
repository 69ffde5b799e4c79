"""A Bambu printer's MQTT over TLS that lets everybody in and then behaves as no printer should."""

import contextlib
import json
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.certificate import carry, server_context
from simulator.mqtt import CONNACK, PUBLISH, SUBACK, packet

Behaviour = Callable[[ssl.SSLSocket, str], None]


def publish(topic: str, body: bytes) -> bytes:
    name = topic.encode()
    return packet(PUBLISH, len(name).to_bytes(2, "big") + name + body)


def report(**said: Any) -> bytes:
    """A full report as an X1 makes it, as far as a listener needs it."""
    told = {
        "command": "push_status",
        "msg": 0,
        "gcode_state": "IDLE",
        "print_error": 0,
        "stg_cur": -1,
        **said,
    }
    return json.dumps({"print": {"sequence_id": "0", **told}}).encode()


class Oddity:
    """Serves any of our addresses; `behave(line, topic)` is what a printer does once we listen to it.

    `visits` counts the connections by the address that was asked.
    """

    def __init__(self, folder: Path, behave: Behaviour) -> None:
        self.behave = behave
        self.visits: Counter[str] = Counter()
        self._tls = server_context()
        carry((self._tls,), "01S00X000000001", folder / "odd.pem")
        self._server = socket.create_server(("", 0), backlog=1000)
        # What it has not read soon fills the sender's side.
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = int(self._server.getsockname()[1])
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="oddity", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._server.accept()
                self.visits[line.getsockname()[0]] += 1
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError, IndexError), self._tls.wrap_socket(plain, server_side=True) as line:
            _take(line)
            line.sendall(packet(CONNACK, b"\x00\x00"))
            subscription = _take(line)
            length = int.from_bytes(subscription[2:4], "big")
            line.sendall(packet(SUBACK, subscription[:2] + b"\x00"))
            self.behave(line, subscription[4 : 4 + length].decode())


def _take(line: ssl.SSLSocket) -> bytes:
    """The body of the next packet, which is short enough for a length of one or two bytes."""
    _kind, length = line.recv(1), line.recv(1)[0]
    if length & 0x80:
        length = (length & 0x7F) + line.recv(1)[0] * 128
    body = b""
    while len(body) < length:
        piece = line.recv(length - len(body))
        if not piece:
            raise OSError("gone")
        body += piece
    return body
