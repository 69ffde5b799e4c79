"""From "the plate is clear" to the start reaching the printer, where many fall ready in the same second.

python -m benchmarks.starting [--printers 100] [--klipper 50] [--at-once]

A server as odin_site.run starts it (web, worker, beat, gateway), simulated printers, and for each a job that
is to start by itself and whose file was sent ahead. All plates are said to be clear over the API, by 16
clients at once. A start counts when the simulated printer has taken it, by the same machine's clock.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from signal import SIGTERM
from statistics import quantiles

import requests

from odin_site.embedded.children import end, spawn
from odin_site.places import Place
from odin_site.programs import ROOT, programs

from .processes import cpu_ms
from .server import PORT, servers, web

NET = "127.102.0"
CONTROL = ("127.102.255.1", 7900)
CLIENTS = 16
PATIENCE_S = 300


def config(path: Path, klipper: int, bambu: int) -> None:
    """What the simulator is to simulate; prints last longer than the measurement."""
    kinds = ["voron-2.4-250"] * klipper + ["p1s"] * bambu
    rows = [
        {
            "name": f"Machine {at + 1:03}", "profile": profile, "host": f"{NET}.{at + 1}",
            "port": 8883 if profile == "p1s" else 7125, "file_port": 9990 if profile == "p1s" else 0,
            "serial": f"01S00B{at + 1:09}" if profile == "p1s" else "",
            "secret": "12345678" if profile == "p1s" else "",
        }
        for at, profile in enumerate(kinds)
    ]  # fmt: skip
    said = {"control": {"host": CONTROL[0], "port": CONTROL[1]}, "speed": 1, "printers": rows}
    path.write_text(json.dumps({**said, "folder": str(path.parent / "machines")}))


@contextmanager
def running(place: Place, path: Path) -> Iterator[dict[str, int]]:
    """The simulator and all programs but the demo's; their process ids by name."""
    argvs = {one.name: one.argv for one in programs(place) if one.name in {"worker", "beat", "gateway"}}
    argvs = {"simulator": (sys.executable, "-m", "simulator", "--config", str(path)), **argvs}
    with ExitStack() as stack:
        pids = {}
        for name, argv in argvs.items():
            log = stack.enter_context((place.home / f"{name}.log").open("ab"))
            child = spawn(argv, output=log, env=dict(os.environ), cwd=ROOT)
            stack.callback(end, child, SIGTERM, 10.0)
            pids[name] = child.pid
        yield pids


def farm(*words: str) -> str:
    argv = [sys.executable, "-m", "benchmarks.starting_farm", *words]
    return subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


class Round:
    """One clearing of all plates."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.headers = f"{url}/api", {"Authorization": f"Bearer {token}"}

    def printers(self) -> dict[str, dict[str, object]]:
        answer = requests.get(
            f"{self.url}/printers", params={"limit": "2000"}, headers=self.headers, timeout=60
        )
        answer.raise_for_status()
        return {one["name"]: one for one in answer.json()["items"]}

    def wait_until_heard(self) -> None:
        """Until every printer tells its state, and the queue has been looked at."""
        ends = time.monotonic() + PATIENCE_S
        while any(one["live"] is None for one in self.printers().values()):
            if time.monotonic() > ends:
                sys.exit("Not every simulated printer was heard from.")
            time.sleep(1)
        time.sleep(5)

    def wait_until_sent(self, count: int) -> None:
        """Until as many files are on their printers, waiting for the plates."""
        ends = time.monotonic() + PATIENCE_S
        while int(farm("sent")) < count:
            if time.monotonic() > ends:
                sys.exit("Not every file was sent ahead.")
            time.sleep(1)

    def clear_all(self) -> dict[str, tuple[float, float]]:
        """When each plate was sent to be cleared, and when the answer came; by the printer's name."""
        seen = self.printers()
        with ThreadPoolExecutor(CLIENTS) as pool:
            return dict(pool.map(self._clear, seen.items()))

    def _clear(self, item: tuple[str, dict[str, object]]) -> tuple[str, tuple[float, float]]:
        name, one = item
        sent = time.time()
        answer = requests.post(
            f"{self.url}/printers/{one['id']}/plate-cleared",
            json={"plate_epoch": one["plate_epoch"]}, headers=self.headers, timeout=60,
        )  # fmt: skip
        answer.raise_for_status()
        return name, (sent, time.time())


def starts() -> dict[str, float]:
    """When each simulated printer was started last, by its name."""
    told = requests.get(f"http://{CONTROL[0]}:{CONTROL[1]}/printers", timeout=60).json()
    return {one["name"]: one["starts"][-1]["at"] for one in told if one["starts"]}


def wait_for(count: int) -> dict[str, float]:
    ends = time.monotonic() + PATIENCE_S
    while len(found := starts()) < count and time.monotonic() < ends:
        time.sleep(1)
    return found


def said(name: str, times_s: Sequence[float]) -> str:
    cut = quantiles(times_s, n=100, method="inclusive")
    return f"| {name} | {min(times_s):.2f} | {cut[49]:.2f} | {cut[94]:.2f} | {max(times_s):.2f} |"


def tell(cleared: dict[str, tuple[float, float]], found: dict[str, float], kinds: int) -> None:
    """Write the table; `kinds` printers, in the order of their names, speak Klipper."""
    names = sorted(found)
    print("| seconds to the start | least | p50 | p95 | most |\n|---|---|---|---|---|")
    for title, chosen in (
        ("all, from the answer", names),
        ("Klipper, from the answer", [one for one in names if int(one.split()[1]) <= kinds]),
        ("Bambu, from the answer", [one for one in names if int(one.split()[1]) > kinds]),
    ):
        if len(chosen) > 1:
            print(said(title, [found[one] - cleared[one][1] for one in chosen]))
    print(said("all, from the press", [found[one] - cleared[one][0] for one in names]))
    first, last = min(one[0] for one in cleared.values()), max(one[1] for one in cleared.values())
    print(f"\n{len(found)} of {len(cleared)} started; the presses took {last - first:.2f} s in all.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.starting", description=__doc__)
    parser.add_argument("--printers", type=int, default=100)
    parser.add_argument("--klipper", type=int, default=50)
    parser.add_argument(
        "--at-once", action="store_true", help="clear the plates 5 s after the jobs came, files sent or not"
    )
    parser.add_argument("--home", type=Path, help="keep the data and logs here")
    wishes = parser.parse_args()
    os.environ["ODIN_ALLOW_LOOPBACK_PRINTERS"] = "true"
    print(f"{date.today()}, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
    with servers(wishes.home) as run:
        path = run.place.home / "simulator.json"
        config(path, wishes.klipper, wishes.printers - wishes.klipper)
        way_in = json.loads(farm("make", f"--config={path}"))
        with running(run.place, path) as pids, web(run.place) as web_pid:
            one = Round(f"http://127.0.0.1:{PORT}", way_in["token"])
            one.wait_until_heard()
            farm("queue", f"--jobs={max(wishes.klipper, wishes.printers - wishes.klipper)}")
            if wishes.at_once:
                time.sleep(5)
            else:
                one.wait_until_sent(wishes.printers)
            watched = {**pids, "web": web_pid}
            before = {name: cpu_ms(pid) for name, pid in watched.items()}
            cleared = one.clear_all()
            found = wait_for(len(cleared))
            used = {name: (cpu_ms(pid) - before[name]) / 1000 for name, pid in watched.items()}
    tell(cleared, found, wishes.klipper)
    print("CPU until then, s: " + ", ".join(f"{name} {took:.1f}" for name, took in used.items()))
    print(f"Load average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
