"""Each report's page over a year of jobs of one organisation: seconds, queries, CPU and memory.

400 printers, 3,000 files. The jobs are spread evenly over the year and the printers: 5 % failed, 3 % were
cancelled, 2 % rejected; each has its filament off a spool and its printer's states, one in 33 was paused.
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
    parser.add_argument("--jobs", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=5)
    wishes = parser.parse_args()
    with servers(wishes.home) as run:
        database = run.postgres.child.pid if run.postgres.child else 0
        for jobs in wishes.jobs:
            load = os.getloadavg()[0]
            print(
                f"\n{date.today()}, {os.cpu_count()} cores, load average {load:.1f}: {jobs:,} jobs\n",  # noqa: DTZ011
                flush=True,
            )
            inside = [
                sys.executable,
                "-m",
                "benchmarks.reporting",
                str(jobs),
                str(wishes.runs),
                str(database),
            ]
            subprocess.run(inside, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
