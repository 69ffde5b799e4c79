"""Facts, true box and preview of large files, read by a child as the worker does: seconds and peak memory.

Beside each the floor, in the same run: `wc -l` for what is text, `unzip -t` for archives, `cat` for the rest.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .large_files import write_3mf, write_bgcode, write_gcode

ROOT = Path(__file__).parent.parent
UNZIP = ["unzip", "-tqq"] if shutil.which("unzip") else [sys.executable, "-m", "zipfile", "-t"]


@dataclass(frozen=True)
class Case:
    """A file to make and read; `floor` is the command that at least has to be done to it."""

    name: str
    megabytes: int
    write: Callable[[Path, int], None]
    floor: list[str]
    ending: str


CASES = (
    Case("G-code", 100, write_gcode, ["wc", "-l"], ".gcode"),
    Case("G-code", 500, write_gcode, ["wc", "-l"], ".gcode"),
    Case("sliced 3MF, four plates", 200, write_3mf, UNZIP, ".gcode.3mf"),
    Case("binary G-code", 100, write_bgcode, ["cat"], ".bgcode"),
)
HEAD = (
    "| file | MB | floor s | facts s | with preview s | CPU s | peak MB | preview MB |\n"
    "|---|---|---|---|---|---|---|---|"
)


def measured(command: list[str]) -> tuple[float, float, float, bytes]:
    """Wall seconds, CPU seconds and peak MB of a command, and what it wrote."""
    with tempfile.TemporaryFile() as answer:
        begin = time.perf_counter()
        child = subprocess.Popen(command, cwd=ROOT, stdout=answer)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
        # wait4 has taken the status, which Popen would otherwise wait for.
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{command[0]} ended with {child.returncode}")
        answer.seek(0)
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, answer.read()


def row(case: Case, runs: int) -> str:
    """The best of the runs: what the machine does besides only makes them longer."""
    with tempfile.TemporaryDirectory() as folder:
        path, preview = Path(folder) / f"large{case.ending}", Path(folder) / "preview"
        case.write(path, case.megabytes)
        reader = [sys.executable, "-m", "models3d.formats", str(path), path.name]
        floor = min(measured([*case.floor, str(path)])[0] for _ in range(runs))
        facts = min((measured(reader) for _ in range(runs)), key=lambda one: one[0])
        whole = min((measured([*reader, str(preview)]) for _ in range(runs)), key=lambda one: one[0])
        size, drawn = path.stat().st_size / 1e6, preview.stat().st_size / 1e6
    said = json.loads(whole[3])
    if "unreadable" in said or not all(plate["box"] for plate in said["plates"]):
        raise SystemExit(f"{case.name} was not read: {said.get('unreadable', 'no box')}")
    figures = (floor, facts[0], whole[0], whole[1])
    seconds = " | ".join(f"{figure:.2f}" for figure in figures)
    return f"| {case.name} | {size:.0f} | {seconds} | {whole[2]:.0f} | {drawn:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="a part of the names")
    wishes = parser.parse_args()
    print(f"{date.today()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}\n\n{HEAD}")  # noqa: DTZ011
    for case in CASES:
        if wishes.only in case.name:
            print(row(case, wishes.runs), flush=True)
    print(f"\nLoad average at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
