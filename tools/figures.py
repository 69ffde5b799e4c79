"""Writes the README's table of figures from benchmarks/RESULTS.md: python tools/figures.py."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README, RESULTS = ROOT / "README.md", ROOT / "benchmarks" / "RESULTS.md"
BEGIN, END = "<!-- benchmarks -->\n", "<!-- /benchmarks -->"
SHOWN = (
    "token's request (me)",
    "printers, 400 with slots",
    "jobs, 100",
    "job, created",
    "spools, 2,000",
    "models, 1,000",
    "dashboard",
    "printers, cards",
    "queue",
    "audit",
)


def section(results: str) -> str:
    """The README's part on performance; ValueError for results that lack one of the rows."""
    rows = dict(_requests(results))
    if missing := [name for name in SHOWN if name not in rows]:
        raise ValueError(f"RESULTS.md has no row for {missing}")
    lines = [f"| {rows[name][0]} | {name} | " + " | ".join(rows[name][1:]) + " |" for name in SHOWN]
    parts = [_first_paragraph(results), "\n".join([HEAD, *lines]), _memory(results), FOOT]
    return "\n\n".join(filter(None, parts)) + "\n"


HEAD = """| | request | web CPU ms | aim | the original's CPU ms | ratio | p95 ms |
|---|---|---|---|---|---|---|"""
FOOT = """The original is the earlier program that this one replaces, with the same data on the same kind of
machine. All figures are in [benchmarks/RESULTS.md](benchmarks/RESULTS.md), and each has one command: see
[benchmarks/README.md](benchmarks/README.md)."""


def _requests(results: str) -> list[tuple[str, list[str]]]:
    """The first table's rows by name: kind, web CPU, aim, original, ratio, p95."""
    table = results.split("## Requests", 1)[1].split("\n## ", 1)[0]
    cells = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line[:1] == "|"
    ]
    return [(row[1], [row[0], row[3], row[5], row[6], row[7], row[9]]) for row in cells[2:]]


def _first_paragraph(results: str) -> str:
    return results.split("\n\n")[1]


def _memory(results: str) -> str:
    found = re.search(r"\| \*\*all\*\* \| \d+ \| (\S+) \(([^)]*)\) \|", results)
    return f"Idle, all processes together take {found[1]} MB ({found[2]})." if found else ""


def written(readme: str, results: str) -> str:
    """The README with that part."""
    before, rest = readme.split(BEGIN, 1)
    return before + BEGIN + section(results) + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    README.write_text(written(README.read_text(), RESULTS.read_text()))
