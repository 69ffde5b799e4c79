"""Many deliveries due at once, and a worker killed in the middle: how long, none lost, which came twice."""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from signal import SIGKILL, SIGTERM

from odin_site.embedded.children import end, spawn
from odin_site.programs import ROOT

from .processes import cpu_ms
from .server import servers

PATIENCE_S = 900
# As many may be left by the killed worker: they come when their lease is over.
SLACK = 20


class Counting(ThreadingHTTPServer):
    """Takes every message, and notes its id and to whom it is."""

    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[str, str]] = []
        self.lock = threading.Lock()

    @property
    def messages(self) -> int:
        with self.lock:
            return len(set(self.seen))


class _Handler(BaseHTTPRequestHandler):
    server: Counting

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append((self.headers["Idempotency-Key"], told["to"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: there are thousands."""


@contextmanager
def counting() -> Iterator[Counting]:
    with Counting() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def farm(*words: str) -> dict[str, object]:
    argv = [sys.executable, "-m", "benchmarks.deliveries_farm", *words]
    told = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(told))


def worker(home: Path, port: int) -> "subprocess.Popen[bytes]":
    argv = (sys.executable, "-m", "benchmarks.deliveries_farm", "work", f"--port={port}")
    with (home / "worker.log").open("ab") as log:
        return spawn(argv, output=log, env=dict(os.environ), cwd=ROOT)


def wait_for(server: Counting, count: int) -> float:
    """When as many messages were there."""
    ends = time.monotonic() + PATIENCE_S
    while server.messages < count:
        if time.monotonic() > ends:
            sys.exit(f"Only {server.messages} of {count} messages came.")
        time.sleep(0.05)
    return time.monotonic()


def measure(home: Path, count: int) -> None:
    made = farm("make", f"--count={count}")
    print(f"Raised for {made['deliveries']} people in {made['raise_s']} s.")
    with counting() as server:
        first = worker(home, server.server_port)
        began = wait_for(server, 1)
        killed = wait_for(server, count // 2)
        first.send_signal(SIGKILL)
        first.wait()
        there = server.messages
        second = worker(home, server.server_port)
        try:
            again = wait_for(server, there + 1)
            most = wait_for(server, count - SLACK)
            used = cpu_ms(second.pid)
            last = wait_for(server, count)
            told = settled(count)
        finally:
            end(second, SIGTERM, 5.0)
        seen = list(server.seen)
    print(
        f"The first {there} of them in {killed - began:.1f} s, {there / (killed - began):.0f}/s; then killed."
    )
    rest = count - SLACK - there
    print(f"Another went on after {again - killed:.1f} s: {rest} in {most - again:.1f} s, ")
    print(f"at {used / rest:.1f} ms CPU of the worker each.")
    print(f"The last one came {last - began:.1f} s after the first.")
    ids = {pk for pk, _ in seen}
    people = {to for _, to in seen}
    print(f"{len(people)} people, {len(ids)} ids, {len(seen)} sendings: {len(seen) - len(set(seen))} twice.")
    print(f"In the end: {told}")


def settled(count: int) -> dict[str, object]:
    """What the database says once nothing is open any more; killed hands are looked after in two minutes."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        told = farm("look")
        if told["deliveries"] == {"sent": count} or time.monotonic() > ends:
            return told
        time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.deliveries", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--home", type=Path, help="keep the data and logs here")
    wishes = parser.parse_args()
    print(f"{date.today()}, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
    with servers(wishes.home) as run:
        measure(run.place.home, wishes.count)
    print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
