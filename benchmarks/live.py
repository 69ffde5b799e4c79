"""A hundred people look at 400 printers, of which forty report news each second: what the polls cost."""

import argparse
import json
import os
import random
import time
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

from .asking import Client, Request, percentile, together
from .processes import cpu_ms
from .server import farm, servers, talking, web

VIEWERS, CHANGING, EVERY_S = 100, 40, 2.0
PAGES = {
    "printers, cards": "printers/live/?view=cards",
    "printers, wall": "printers/live/?view=wall",
    "dashboard": "live/",
}


class Viewer:
    """An open page: asks every two seconds for what is new since the version it shows."""

    def __init__(self, port: int, path: str, session: str) -> None:
        self.client, self.path = Client(port), path
        self.headers = {"Cookie": f"sessionid={session}", "HX-Request": "true", "Accept-Encoding": "gzip"}
        self.version = "0"
        self.times_ms: list[float] = []
        self.sizes: list[int] = []

    def look(self, until: float) -> None:
        time.sleep(random.random() * EVERY_S)
        while time.monotonic() < until:
            begun = time.perf_counter()
            mark = "&" if "?" in self.path else "?"
            status, size, headers = self.client.ask(
                Request(f"{self.path}{mark}version={self.version}", self.headers)
            )
            if status not in (200, 204):
                raise SystemExit(f"{self.path} answers {status}")
            self.times_ms.append((time.perf_counter() - begun) * 1000)
            self.sizes.append(size)
            self.version = headers["X-Live-Version"]
            time.sleep(max(0.0, EVERY_S - (time.perf_counter() - begun)))


def look_at(viewers: Sequence[Viewer], seconds: float) -> None:
    until = time.monotonic() + seconds
    together([partial(viewer.look, until) for viewer in viewers])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="keep the servers and their data here, for the next time")
    parser.add_argument("--seconds", type=float, default=30.0)
    wishes = parser.parse_args()
    with servers(wishes.home) as run:
        farm("fill")
        way_in = json.loads((run.place.home / "bench.json").read_text())
        print(f"{date.today()}, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
        print("| page | polls/s | CPU of the web processes, % of a core | p50 ms | p95 ms | bytes |")
        print("|---|---|---|---|---|---|")
        with web(run.place) as process, talking(changing=CHANGING):
            for name, path in PAGES.items():
                address = f"/o/{way_in['slug']}/{path}"
                viewers = [Viewer(run.place.port, address, way_in["session"]) for _ in range(VIEWERS)]
                look_at(viewers, 6.0)
                for viewer in viewers:
                    viewer.times_ms.clear()
                    viewer.sizes.clear()
                before = cpu_ms(process)
                look_at(viewers, wishes.seconds)
                used = (cpu_ms(process) - before) / wishes.seconds / 10
                times_ms = [taken for viewer in viewers for taken in viewer.times_ms]
                size = sum(sum(viewer.sizes) for viewer in viewers) / len(times_ms)
                cells = (
                    name, f"{len(times_ms) / wishes.seconds:.0f}", f"**{used:.0f}**",
                    f"{percentile(times_ms, 50):.0f}", f"{percentile(times_ms, 95):.0f}", f"{size:,.0f}",
                )  # fmt: skip
                print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
