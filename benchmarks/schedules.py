"""500 reports due in the same minute over 100 organisations, and a worker killed in the middle.

Worker, beat and database are those of a server; a mail server on the loopback counts what it is handed. What
the killed worker had begun is anybody's after ten minutes: its rows' clock is moved, so as not to wait.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

from aiosmtpd.controller import Controller

from odin_site.embedded.children import end, spawn
from odin_site.programs import ROOT, programs

from .processes import cpu_ms
from .server import Servers, servers

MAIL_PORT = 8798
PATIENCE_S, QUIET_S = 1500.0, 45.0


class Counting:
    """Takes every mail, and notes of each report to whom it is and which one."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        head = next((line for line in envelope.content.splitlines() if line.startswith(b"Message-ID:")), b"")
        with self.lock:
            # Readers are also asked whether they want it, and admins told of what failed.
            if b"application/pdf" in envelope.content:
                self.seen += [(to, head.decode()) for to in envelope.rcpt_tos]
        return "250 taken"

    def count(self) -> int:
        with self.lock:
            return len(self.seen)


def django(module: str, *words: str) -> dict[str, Any]:
    argv = [sys.executable, "-m", f"benchmarks.{module}", *words]
    told = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(told.splitlines()[-1]))


def program(run: Servers, name: str) -> "subprocess.Popen[bytes]":
    argv = next(one.argv for one in programs(run.place) if one.name == name)
    with (run.place.home / f"{name}.log").open("ab") as log:
        return spawn(argv, output=log, env=dict(os.environ), cwd=ROOT)


def wait_for(office: Counting, count: int, quiet_s: float = PATIENCE_S) -> float:
    """When as many mails were there, or none had come for `quiet_s` seconds."""
    there, since = office.count(), time.monotonic()
    while there < count and time.monotonic() - since < quiet_s:
        time.sleep(0.05)
        if office.count() != there:
            there, since = office.count(), time.monotonic()
    return since


def measure(run: Servers, office: Counting, count: int) -> None:
    with ExitStack() as cleanup:
        beat, first = program(run, "beat"), program(run, "worker")
        cleanup.callback(end, beat, SIGTERM, 5.0)
        begun = wait_for(office, 1)
        killed = wait_for(office, count // 2)
        first.send_signal(SIGKILL)
        first.wait()
        there = office.count()
        second = program(run, "worker")
        cleanup.callback(end, second, SIGTERM, 5.0)
        again = wait_for(office, there + 1)
        most = wait_for(office, count, QUIET_S)
        left, used = count - office.count(), cpu_ms(second.pid)
        print(f"The first {there} mails in {killed - begun:.0f} s; then the worker was killed.")
        rest = office.count() - there
        print(f"Another went on after {again - killed:.1f} s: {rest} mails in {most - again:.0f} s, ")
        print(f"at {used / max(1, rest):.0f} ms CPU each. The killed one had {left} in hands.")
        django("schedules_farm", "move-on")
        moved = time.monotonic()
        told = settled(count)
        print(f"Ten minutes later (moved), these were done {time.monotonic() - moved:.0f} s after.")
    twice = [to for to, times in Counter(to for to, _ in office.seen).items() if times > 1]
    print(f"{len({to for to, _ in office.seen})} of {count} readers have their mail, {len(twice)} twice.")
    print(f"In the end: {told}")


def settled(count: int) -> dict[str, Any]:
    """What the database says once no run is open any more."""
    ends = time.monotonic() + 300
    while True:
        told = django("schedules_farm", "look")
        closed = sum(told["runs"].get(state, 0) for state in ("done", "failed"))
        if closed == count or time.monotonic() > ends:
            return told
        time.sleep(2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.schedules", description=__doc__)
    parser.add_argument("--orgs", type=int, default=100)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--home", type=Path, help="keep the data and logs here")
    wishes = parser.parse_args()
    print(f"{date.today()}, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
    office = Counting()
    controller = Controller(office, hostname="127.0.0.1", port=MAIL_PORT)
    controller.start()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{MAIL_PORT}"
    try:
        with servers(wishes.home) as run:
            django("orgs_farm", "make", f"--count={wishes.orgs}", f"--asked={wishes.orgs}")
            django("schedules_farm", "schedule", f"--count={wishes.count}")
            measure(run, office, wishes.count)
    finally:
        controller.stop()
    print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
