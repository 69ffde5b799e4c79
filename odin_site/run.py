"""Runs all of O.D.I.N. from one terminal: `python -m odin_site.run [--demo]`."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from .embedded import EmbeddedPostgres, EmbeddedValkey
from .embedded.children import ServerFailed, spawn
from .places import Place, PlaceTaken, lock, place_from, require_free_port, wait_for_postgres, wait_for_redis
from .processes import Process, StepFailed, Supervisor
from .programs import MANAGE, ROOT, programs
from .terminal import progress, say

READY_WITHIN_S = 120.0
WEB_TRIES = 4
# A task may be in the middle of its work; what it leaves is taken up again at the next start.
PROGRAMS_STOP_WITHIN_S, SERVER_STOPS_WITHIN_S = 8.0, 20.0


class StopAsked(BaseException):
    """Somebody asked us to stop, by a signal; raised wherever we are."""


class Site:
    """The servers, the steps of the set-up and the programs, in the order in which they need each other."""

    def __init__(self, place: Place, *, demo: bool) -> None:
        self.place, self.demo = place, demo
        self.supervisor = Supervisor(place.home / "log", say)
        self.servers: list[Process] = []
        self.env = {**os.environ, **place.environment()}
        if demo:
            self.env["ODIN_ALLOW_LOOPBACK_PRINTERS"] = "true"

    def start(self) -> None:
        """Start everything; returns when the web server answers. Raises ServerFailed or StepFailed."""
        self._start_servers()
        with progress("Preparing the database"):
            self.supervisor.run_step("prepare", [*MANAGE, "prepare"], self.env)
        if self.demo:
            say("Filling the demo farm:")
            self.supervisor.run_step("demo", [*MANAGE, "demo"], self.env, echo=True)
        with progress("Starting the site"):
            for program in programs(self.place):
                start = partial(self._spawn, program.argv)
                self.supervisor.add(Process(program.name, start, needs=program.needs))
            self._wait_until_ready()
        self.supervisor.echoing = True

    def run(self) -> NoReturn:
        """Keep everything running, until a signal stops us."""
        while True:
            self.supervisor.watch()

    def stop(self) -> None:
        """Stop the programs together, then the servers, PostgreSQL last."""
        self.supervisor.echoing = False
        in_order = [process for process in self.supervisor.processes if process not in self.servers]
        self.supervisor.stop(
            [(in_order[::-1], PROGRAMS_STOP_WITHIN_S)]
            + [([server], SERVER_STOPS_WITHIN_S) for server in reversed(self.servers)]
        )

    def _start_servers(self) -> None:
        if self.env.get("DATABASE_URL"):
            with progress("Waiting for the PostgreSQL of DATABASE_URL"):
                wait_for_postgres(self.env["DATABASE_URL"])
        else:
            postgres = EmbeddedPostgres(self.place.home)
            self._start_server("PostgreSQL", Process("postgresql", postgres.start, stop_signal=signal.SIGINT))
            self.env["DATABASE_URL"] = postgres.url
        if self.env.get("REDIS_URL"):
            with progress("Waiting for the Redis of REDIS_URL"):
                wait_for_redis(self.env["REDIS_URL"])
        else:
            valkey = EmbeddedValkey(self.place.home)
            self._start_server("Valkey", Process("valkey", valkey.start))
            self.env["REDIS_URL"] = valkey.url

    def _start_server(self, title: str, server: Process) -> None:
        self.servers.append(server)
        with progress(f"Starting {title}"):
            self.supervisor.add(server)

    def _spawn(self, argv: tuple[str, ...], output: int) -> "subprocess.Popen[bytes]":
        return spawn(argv, output=output, env=self.env, cwd=ROOT)

    def _wait_until_ready(self) -> None:
        ends = time.monotonic() + READY_WITHIN_S
        web = next(process for process in self.supervisor.processes if process.name == "web")
        while not _answers(f"{self.place.url}/healthz"):
            self.supervisor.watch(0.1)
            if web.failures >= WEB_TRIES or time.monotonic() > ends:
                raise StepFailed("The web server does not answer:\n" + self.supervisor.last_words("web"))


def main() -> int:
    """Run until stopped; the exit status is 1 where it could not start."""
    parser = argparse.ArgumentParser(prog="python -m odin_site.run", description="Runs all of O.D.I.N.")
    parser.add_argument("--demo", action="store_true", help="with a farm of simulated printers")
    demo = parser.parse_args().demo
    try:
        place = place_from(os.environ, ROOT)
        with lock(place.home):
            require_free_port(place)
            return _run(Site(place, demo=demo))
    except PlaceTaken as reason:
        sys.stderr.write(f"{reason}\n")
        return 1


def _run(site: Site) -> int:
    status = 1
    _on_signals(_ask_to_stop)
    try:
        site.start()
        say(f"O.D.I.N. is ready at {site.place.url}")
        say(how_to_sign_in(site.place))
        site.run()
    except StopAsked:
        status = 0
    except (ServerFailed, StepFailed) as failure:
        sys.stderr.write(f"{failure}\nThe logs are in {site.place.home / 'log'}.\n")
    finally:
        # An impatient second Ctrl-C must not keep PostgreSQL from closing its files.
        _on_signals(signal.SIG_IGN)
        with progress("Stopping"):
            site.stop()
    return status


def _ask_to_stop(number: int, frame: FrameType | None) -> NoReturn:
    _on_signals(signal.SIG_IGN)
    raise StopAsked


def _on_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def how_to_sign_in(place: Place) -> str:
    """What to do at the ready site: the people of the demo where there is one."""
    people = place.home / "demo.json"
    if people.exists():
        return _people_of(json.loads(people.read_text())) + f"\nAll people and their API tokens: {people}"
    try:
        with urlopen(place.url, timeout=30) as answer:  # noqa: S310
            arrived = urlsplit(answer.url).path
    except (HTTPError, URLError, TimeoutError):
        arrived = "/"
    if arrived.startswith("/set"):
        return "Open it in your browser to set up your organisation and your account."
    return "Open it in your browser and sign in with your e-mail address."


def _people_of(demo: dict[str, Any]) -> str:
    people = [("superadmin", demo["superadmin"], "all organisations")]
    people += [(person["role"], person, org["name"]) for org in demo["orgs"] for person in org["users"]]
    width = max(len(person["email"]) for _, person, _ in people)
    rows = [
        f"  {who['email']:<{width}}  {who['password']:<20}  {role}, {where}" for role, who, where in people
    ]
    return "\n".join(["Sign in with e-mail address and password:", *rows])


if __name__ == "__main__":
    sys.exit(main())
