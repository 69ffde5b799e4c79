"""What 1,000 organisations cost beside 2: requests, the agenda's tick, migrating, creating, wrong sign-ins.

Two whole servers run beside each other and are asked in turns, so that what else the machine does falls on
both alike; what counts is the ratio. The organisations are real schemas: one is migrated, the others are
loaded from its dump, and some of them are filled and asked one after the other. `--schemas` gives a schema to
so many only, where making a thousand takes too long: the others then are rows of the public schema.
"""

import argparse
import json
import os
import re
import subprocess
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

from odin_site.programs import MANAGE, ROOT

from .asking import Client, Refused, Request, percentile, together
from .processes import cpu_ms
from .server import PORT, Servers, farm, servers, web
from .signing_in import TOKEN

PATHS = {
    "printers page": "/o/{slug}/printers/",
    "queue page": "/o/{slug}/queue/",
    "printers, API": "/api/printers",
    "jobs, API": "/api/jobs?limit=100",
}
WRONG_PER_S = 100
ASKED = 50


@dataclass
class Side:
    """A server with so many organisations, and what was measured on it."""

    count: int
    run: Servers
    web: int
    ways: list[dict[str, str]]
    environment: dict[str, str]
    times_ms: list[float] = field(default_factory=list)
    busy_s: float = 0.0

    @property
    def data(self) -> list[int]:
        return [child.pid for child in (self.run.postgres.child, self.run.valkey.child) if child]

    def requests(self, path: str) -> list[Request]:
        """The same of each organisation that is asked."""
        return [
            Request(path.format(**way), {"Cookie": f"sessionid={way['session']}", "Accept-Encoding": "gzip"})
            if path.startswith("/o/")
            else Request(path, {"Authorization": f"Bearer {way['token']}"})
            for way in self.ways
        ]


def storm(side: Side, requests: list[Request], clients: int, count: int) -> None:
    """Ask `count` times, the organisations one after the other. Raises Refused."""
    turns, lock, wrong = cycle(requests), threading.Lock(), []

    def work() -> None:
        client = Client(side.run.place.port)
        for _ in range(count // clients):
            with lock:
                request = next(turns)
            begun = time.perf_counter()
            status = client.ask(request)[0]
            side.times_ms.append((time.perf_counter() - begun) * 1000)
            if status >= 300:
                wrong.append(f"{request.path} answers {status}")
                return

    begun = time.perf_counter()
    together([work] * clients)
    side.busy_s += time.perf_counter() - begun
    if wrong:
        raise Refused(wrong[0])


def compare(name: str, path: str, sides: list[Side], rounds: int, count: int) -> None:
    """A line for each side, measured in turns, and the ratio of the second to the first."""
    used = []
    for side in sides:
        storm(side, side.requests(path), 4, 2 * len(side.ways) + 32)
        side.times_ms, side.busy_s = [], 0.0
        used.append([-cpu_ms(side.web), -sum(map(cpu_ms, side.data))])
    for _ in range(rounds):
        for side in sides:
            storm(side, side.requests(path), 2, count)
    cells = []
    for side, (web_ms, data_ms) in zip(sides, used, strict=True):
        asked = len(side.times_ms)
        costs = (web_ms + cpu_ms(side.web)) / asked, (data_ms + sum(map(cpu_ms, side.data))) / asked
        cells.append(
            (*costs, percentile(side.times_ms, 50), percentile(side.times_ms, 95), asked / side.busy_s)
        )
    for side, told in zip(sides, cells, strict=True):
        print(f"| {name} | {side.count:,} | {' | '.join(f'{one:.1f}' for one in told)} |", flush=True)
    ratios = " | ".join(f"**{many / few:.2f}**" for few, many in zip(*cells, strict=True))
    print(f"| {name} | ratio | {ratios} |", flush=True)


def guess(port: int, ends: float, told: list[int]) -> None:
    """Wrong passwords at WRONG_PER_S a second until `ends`, by a few connections; the answers' status."""

    def work() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/account/sign-in/")
        answer = connection.getresponse()
        found = re.search(TOKEN, answer.read().decode())
        cookie = SimpleCookie(answer.headers["Set-Cookie"])["csrftoken"].value
        body = urlencode(
            {
                "email": "admin@org-0000.test",
                "password": "Wrong7horse",
                "csrfmiddlewaretoken": found and found[1],
            }
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={cookie}"}
        due = time.monotonic()
        while time.monotonic() < ends:
            connection.request("POST", "/account/sign-in/", body, headers)
            answer = connection.getresponse()
            answer.read()
            told.append(answer.status)
            due += 4 / WRONG_PER_S
            time.sleep(max(0.0, due - time.monotonic()))

    together([work] * 4)


def guessed_at(side: Side, seconds: float) -> None:
    """The printers page before and while somebody guesses."""
    requests = side.requests(PATHS["printers page"])
    side.times_ms = []
    storm(side, requests, 1, 200)
    before = percentile(side.times_ms, 50), percentile(side.times_ms, 95)
    told: list[int] = []
    ends = time.monotonic() + seconds
    attacker = threading.Thread(target=guess, args=[side.run.place.port, ends, told])
    used = -cpu_ms(side.web)
    attacker.start()
    time.sleep(1)
    side.times_ms = []
    while time.monotonic() < ends - 1:
        storm(side, requests, 1, 20)
    attacker.join()
    used += cpu_ms(side.web)
    during = percentile(side.times_ms, 50), percentile(side.times_ms, 95)
    print(
        f"\nPrinters page p50 / p95: {before[0]:.0f} / {before[1]:.0f} ms, while {len(told) / seconds:.0f} "
        f"wrong passwords a second come from one address {during[0]:.0f} / {during[1]:.0f} ms; "
        f"{told.count(422)} were hashed, {told.count(429)} answered 429 before; "
        f"web CPU {used / seconds / 10:.0f} % of a core."
    )


def operations(side: Side, migrated: int) -> None:
    """Tick, creating and migrating where the many are."""
    os.environ.update(side.environment)
    ticked = json.loads(farm_of("tick"))
    print(
        f"\nA tick of the agenda, {ticked['rows']:.0f} rows of {side.count:,} organisations, nothing due: "
        f"{ticked['tick_ms']:.1f} ms, at least {ticked['least_ms']:.1f}, "
        f"{ticked['cpu_ms']:.1f} of it our CPU (aim 20)."
    )
    took = json.loads(farm("create", "--runs=3"))
    print(
        f"One more organisation with {side.count:,}: {took['with']:.3f} s from a spare, "
        f"{took['without']:.2f} s without."
    )
    farm_of("behind", "--count=0")
    _prepare()  # makes the spare ones anew that were taken
    print(f"`prepare` with nothing to do: {_prepare():.1f} s.", flush=True)
    if migrated:
        farm_of("behind", f"--count={migrated}")
        took_s = _prepare()
        print(f"`prepare` with {migrated} organisations one migration behind: {took_s:.1f} s.", flush=True)


def _prepare() -> float:
    begun = time.perf_counter()
    subprocess.run([*MANAGE, "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def farm_of(*words: str) -> str:
    argv = [MANAGE[0], "-m", "benchmarks.orgs_farm", *words]
    return subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def side(stack: ExitStack, home: Path | None, count: int, schemas: int, port: int) -> Side:
    run = stack.enter_context(servers(home / f"{count}" if home else None, port))
    said = run.place.home / "bench.json"
    if not said.exists():
        asked = min(count, ASKED)
        made = json.loads(
            farm_of("make", f"--count={count}", f"--schemas={min(count, schemas)}", f"--asked={asked}")
        )
        print(f"{made['loaded']:.0f} schemas from a dump: {made['each_s']:.2f} s each.", flush=True)
    environment = {name: os.environ[name] for name in (*run.place.environment(), "DATABASE_URL", "REDIS_URL")}
    process = stack.enter_context(web(run.place))
    return Side(count, run, process, json.loads(said.read_text()), environment)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.orgs", description=__doc__)
    parser.add_argument("--home", type=Path, help="keep both servers' data here, for the next time")
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument(
        "--schemas",
        type=int,
        default=1000,
        help="how many have a schema; fewer than --many only in a fresh --home",
    )
    parser.add_argument("--migrated", type=int, default=200, help="organisations to migrate; 0 for none")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--count", type=int, default=100, help="requests of a round")
    wishes = parser.parse_args()
    print(f"{date.today()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
    with ExitStack() as stack:
        sides = [
            side(stack, wishes.home, 2, 2, PORT),
            side(stack, wishes.home, wishes.many, wishes.schemas, PORT + 1),
        ]
        print("\n| request | organisations | web CPU ms | database CPU ms | p50 ms | p95 ms | req/s |")
        print("|---|---|---|---|---|---|---|")
        for name, path in PATHS.items():
            compare(name, path, sides, wishes.rounds, wishes.count)
        guessed_at(sides[1], 15.0)
        operations(sides[1], wishes.migrated)
    print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
