"""Printers that are asked over HTTP: how old what is shown of them gets, and what the asking costs.

python -m benchmarks.polling [--printers 300] [--seconds 60]

Simulated Klipper printers, all printing, are asked by worker and beat as odin_site.run starts them. Each half
second the age of every record in Redis is noted. The simulator shares the machine.
"""

import argparse
import json
import os
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from odin_site.programs import programs

from .listening import CONTROL, inside, started
from .processes import cpu_ms, pss_mb
from .server import servers


def config(path: Path, count: int) -> None:
    rows = [
        {"name": f"Machine {at + 1:04}", "profile": "voron-2.4-250",
         "host": f"127.104.{at // 250}.{at % 250 + 1}", "port": 7125}
        for at in range(count)
    ]  # fmt: skip
    said = {"control": {"host": CONTROL[0], "port": CONTROL[1]}, "speed": 1, "printers": rows}
    path.write_text(json.dumps({**said, "folder": str(path.parent / "machines")}))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.polling", description=__doc__)
    parser.add_argument("--printers", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--home", type=Path, help="keep the data and logs here")
    wishes = parser.parse_args()
    os.environ["ODIN_ALLOW_LOOPBACK_PRINTERS"] = "true"
    print(f"{date.today()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
    with servers(wishes.home) as run, ExitStack() as stack:
        path = run.place.home / "simulator.json"
        config(path, wishes.printers)
        inside("make", f"--config={path}")
        names = {"worker", "beat"}
        pids = started(stack, run.place, path, [one for one in programs(run.place) if one.name in names])
        print(inside("connect"), end="", flush=True)
        before, began = {name: cpu_ms(pid) for name, pid in pids.items()}, time.monotonic()
        print(inside("ages", f"--seconds={wishes.seconds}"), end="")
        took_ms = (time.monotonic() - began) * 1000
        for name, pid in pids.items():
            print(f"{name}: {(cpu_ms(pid) - before[name]) / took_ms:.0%} of a core, {pss_mb(pid):.0f} MB")
    print(f"Load average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
