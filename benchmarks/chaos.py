"""No print twice, none lost, the long way: a whole farm whose programs are killed for minutes.

python -m benchmarks.chaos [--printers 40] [--jobs 200] [--minutes 5] [--seed N]

Worker, gateway, Valkey, web and PostgreSQL die at random; the exit status is 1 if a print was started twice
or onto another, ended without a reason, or hangs without anybody being told.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import requests

from tests.chaos import TOLD_WITHIN_S, Chaos, Count
from tests.journeys.conftest import Walk
from tests.running import Running, started

PROGRAMS = ("worker", "gateway", "valkey", "web", "postgresql")
KINDS = ("Voron", "Ender", "Mini", "P1S", "X1C", "Marlin", "Centauri", "MK4")
COPIES = 5
KILL_EVERY_S = 8.0


def order(demo: Running, jobs: int, folder: Path) -> None:
    """Queue `jobs` jobs of a few copies over all kinds of printers."""
    for kind in KINDS:
        walk = Walk(demo, folder, kind, minutes=12)
        walk.upload()
        walk.choose_printer()
        for _job in range(jobs // len(KINDS)):
            walk.order(target={"any": True}, copies=COPIES)


def calm(chaos: Chaos, seconds: float) -> Count:
    """Let the dust settle: until whatever hangs must have been told to somebody."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        chaos.clear_plates()
        time.sleep(1.0)
    while True:
        try:
            return chaos.count()
        except (requests.RequestException, AssertionError):
            if time.monotonic() > ends + 120:
                raise
            time.sleep(2.0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.chaos", description=__doc__)
    parser.add_argument("--printers", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    os.environ["DEMO_PRINTERS"] = str(asked.printers)
    with started("--demo") as demo, tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(demo)
        order(demo, asked.jobs, Path(folder))
        rng = random.Random(asked.seed)
        chaos.rage(asked.minutes * 60, PROGRAMS, rng, KILL_EVERY_S)
        found = calm(chaos, TOLD_WITHIN_S + 30)
    sys.stdout.write(
        f"seed {asked.seed}, killed {dict(chaos.kills)}\n"
        f"{found.starts} starts, {len(found.twice)} twice, {found.collisions} on a full plate\n"
        f"jobs: {dict(found.states)}, {len(found.without_reason)} ended without a reason, "
        f"{len(found.stuck)} hang\n"
    )
    for fault in found.faults:
        sys.stdout.write(f"FAULT {fault}\n")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
