"""Where O.D.I.N. runs: its folder, its address, and the servers that somebody else runs for it."""

import errno
import fcntl
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import environ
import psycopg
import redis

from .embedded.children import ServerFailed

REACHED_WITHIN_S = 30.0


# Bound to all addresses, it answers at the loopback one too.
EVERYWHERE = frozenset({"0.0.0.0", "::", "localhost", ""})  # noqa: S104  # compared, not bound


class PlaceTaken(RuntimeError):
    """O.D.I.N. cannot run here; says why, and what to do."""


@dataclass(frozen=True)
class Place:
    """The folder with all data, and the address to answer at."""

    home: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address for a person at this machine."""
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What the programs have to know of it."""
        return {
            "ODIN_HOME": str(self.home),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "odin_site.settings",
            "PYTHONUNBUFFERED": "1",
            "ODIN_SUPERVISED": "true",
        }


def place_from(env: Mapping[str, str], root: Path) -> Place:
    """The place that ODIN_HOME, HOST and PORT name. Raises PlaceTaken."""
    asked = env.get("PORT") or "8000"
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        raise PlaceTaken(f"PORT is {asked!r}, and must be a number from 1 to 65535.")
    home = Path(env.get("ODIN_HOME") or root / "var").expanduser().absolute()
    return Place(home, env.get("HOST") or "127.0.0.1", int(asked))


def lock(home: Path) -> IO[str]:
    """Make the folder and keep any other O.D.I.N. out, until the answer is closed. Raises PlaceTaken."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "supervisor.lock").open("a+")
    except OSError as error:
        raise PlaceTaken(f"Nothing can be written to {home} ({error.strerror}). Set ODIN_HOME.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        number = file.read().strip() or "unknown"
        file.close()
        raise PlaceTaken(
            f"O.D.I.N. already runs in {home} (process {number}). Stop it, or set another ODIN_HOME."
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def require_free_port(place: Place) -> None:
    """Raise PlaceTaken where we could not listen."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.host, place.port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = f"Port {place.port} is taken by another program."
            else:
                why = f"Cannot listen at {place.host}, port {place.port}: {error.strerror}."
            raise PlaceTaken(f"{why} Choose another: PORT={place.port % 65535 + 1}") from error


def wait_for_postgres(url: str) -> None:
    """Wait until the server of DATABASE_URL answers, whatever of its forms the settings understand."""
    found = environ.Env.db_url_config(url)
    names = {"HOST": "host", "PORT": "port", "NAME": "dbname", "USER": "user", "PASSWORD": "password"}
    arguments = {ours: found[theirs] for theirs, ours in names.items() if found.get(theirs)}
    where = f"{found.get('HOST') or 'the local socket'}, database {found.get('NAME')}"
    ends = time.monotonic() + REACHED_WITHIN_S
    while True:
        try:
            psycopg.connect(**{**arguments, **found.get("OPTIONS", {})}, connect_timeout=5).close()
            return
        except psycopg.Error as error:
            if time.monotonic() > ends or not isinstance(error, psycopg.OperationalError):
                raise ServerFailed(
                    f"The PostgreSQL of DATABASE_URL ({where}) cannot be used: {error}"
                ) from error
        time.sleep(0.5)


def wait_for_redis(url: str) -> None:
    """Wait until the server of REDIS_URL answers."""
    ends = time.monotonic() + REACHED_WITHIN_S
    while True:
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
                client.ping()
            return
        except (redis.RedisError, ValueError) as error:
            if time.monotonic() > ends or not isinstance(error, (redis.ConnectionError, redis.TimeoutError)):
                raise ServerFailed(f"The Redis of REDIS_URL cannot be used: {error}") from error
        time.sleep(0.5)
