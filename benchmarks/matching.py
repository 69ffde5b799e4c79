"""Matching and forecast of a long queue, whole and after one event, with database and Redis.

Printers are of eight models, with four slots of four materials, each with a spool of its own weight. Jobs are
of a thousand files, one in ten of two materials, one in five for one printer or a tag, one in five due.
"""

import argparse
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from .server import ROOT, servers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="keep the servers and their data here, for the next time")
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--printers", type=int, default=400)
    wishes = parser.parse_args()
    with servers(wishes.home):
        load = os.getloadavg()[0]
        print(f"{date.today()}, {os.cpu_count()} cores, load average {load:.1f}\n", flush=True)  # noqa: DTZ011
        inside = [sys.executable, "-m", "benchmarks.queueing", str(wishes.jobs), str(wishes.printers)]
        subprocess.run(inside, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
