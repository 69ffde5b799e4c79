"""The spools page and one spool's ledger of an organisation with 20,000 spools and 1,000,000 lines of usage.

Each request goes through the whole of Django, without a socket: CPU of our process, time in the database,
and how many queries. Rows are written by PostgreSQL itself.
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
    parser.add_argument("--spools", type=int, default=20_000)
    parser.add_argument("--usages", type=int, default=1_000_000)
    wishes = parser.parse_args()
    with servers(wishes.home):
        load = os.getloadavg()[0]
        print(f"{date.today()}, {os.cpu_count()} cores, load average {load:.1f}\n", flush=True)  # noqa: DTZ011
        inside = [
            sys.executable, "-m", "benchmarks.spool_pages", str(wishes.spools), str(wishes.usages),
        ]  # fmt: skip
        subprocess.run(inside, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
