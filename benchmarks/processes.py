"""What processes cost, read from /proc: CPU time and memory."""

import os
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def _fields(process: int) -> list[str]:
    """Of /proc/<process>/stat, from the state on; empty where it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def family(first: int) -> list[int]:
    """A process and all that come from it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (fields := _fields(int(folder.name))):
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, at = [first], 0
    while at < len(found):
        found += parents.get(found[at], [])
        at += 1
    return found


def cpu_ms(first: int) -> float:
    """CPU time so far of a process, its living family, and those of it that ended and were waited for."""
    return sum(sum(map(int, fields[11:15])) for pid in family(first) if (fields := _fields(pid))) * TICK_MS


def pss_mb(process: int) -> float:
    """Proportional set size: shared pages count once over all who share them. 0 where it has ended."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0


def command_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
