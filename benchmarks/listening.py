"""Bambu printers by the hundred on one listener, over real TLS and MQTT, each with a report a second.

python -m benchmarks.listening [--printers 1000] [--seconds 60] [--marks 20]

Half tell everything each time (X1 Carbon), half what has changed (P1S). Meanwhile some printers, chosen at
random, are given a spool of a colour nobody else has, and the record in Redis is watched for it: from the
hand on the simulated printer to the colour in Redis is the time told. The simulator shares the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from signal import SIGTERM

from odin_site.embedded.children import end, spawn
from odin_site.places import Place
from odin_site.programs import ROOT, Program, programs

from .processes import cpu_ms, pss_mb
from .server import servers

CONTROL = ("127.103.255.1", 7900)


def config(path: Path, count: int) -> None:
    rows = [
        {
            "name": f"Machine {at + 1:04}", "profile": "x1-carbon" if at % 2 else "p1s",
            "host": f"127.103.{at // 250}.{at % 250 + 1}", "port": 8883, "file_port": 9990,
            "serial": f"01S00B{at + 1:09}", "secret": "12345678",
        }
        for at in range(count)
    ]  # fmt: skip
    said = {"control": {"host": CONTROL[0], "port": CONTROL[1]}, "speed": 1, "printers": rows}
    path.write_text(json.dumps({**said, "folder": str(path.parent / "machines")}))


def inside(*words: str) -> str:
    argv = [sys.executable, "-m", "benchmarks.listening_farm", *words]
    return subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def started(stack: ExitStack, place: Place, config: Path, chosen: Iterable[Program]) -> dict[str, int]:
    """The simulator of `config` and the chosen programs, until `stack` ends; their process ids by name."""
    argvs = {"simulator": (sys.executable, "-m", "simulator", "--config", str(config))}
    argvs |= {one.name: one.argv for one in chosen}
    pids = {}
    for name, argv in argvs.items():
        log = stack.enter_context((place.home / f"{name}.log").open("ab"))
        child = spawn(argv, output=log, env=dict(os.environ), cwd=ROOT)
        stack.callback(end, child, SIGTERM, 10.0)
        pids[name] = child.pid
    return pids


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.listening", description=__doc__)
    parser.add_argument("--printers", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--marks", type=int, default=20, help="changes made a second")
    parser.add_argument("--home", type=Path, help="keep the data and logs here")
    wishes = parser.parse_args()
    os.environ["ODIN_ALLOW_LOOPBACK_PRINTERS"] = "true"
    print(f"{date.today()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n")  # noqa: DTZ011
    with servers(wishes.home) as run, ExitStack() as stack:
        path = run.place.home / "simulator.json"
        config(path, wishes.printers)
        inside("make", f"--config={path}")
        gateway = [one for one in programs(run.place) if one.name == "gateway"]
        pids = started(stack, run.place, path, gateway)
        print(inside("connect"), end="", flush=True)
        before, began = {name: cpu_ms(pid) for name, pid in pids.items()}, time.monotonic()
        print(inside("measure", f"--seconds={wishes.seconds}", f"--marks={wishes.marks}"), end="")
        took_ms = (time.monotonic() - began) * 1000
        for name, pid in pids.items():
            print(f"{name}: {(cpu_ms(pid) - before[name]) / took_ms:.0%} of a core, {pss_mb(pid):.0f} MB")
    print(f"Load average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
