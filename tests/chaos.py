"""Killing the programs of a running O.D.I.N. at random, and counting afterwards what came of its prints."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.running import Api, Running

# A start that nobody vouches for is told to people after two minutes, by a look every 15 s.
TOLD_WITHIN_S = 150.0
ENDED = ("completed", "failed", "cancelled")
SIGNS = {
    "worker": ("odin_site.worker", "worker"),
    "gateway": ("gateway",),
    "valkey": ("valkey-server", "redis-server"),
    "web": ("gunicorn",),
    "postgresql": ("postgres",),
}


@dataclass
class Count:
    """What was seen at the end. `twice`: file names that were started more than once."""

    states: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    twice: list[str] = field(default_factory=list)
    collisions: int = 0
    without_reason: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """In words; empty if no print was made twice, onto another, or lost without a word."""
        told = [f"started twice: {name}" for name in self.twice]
        told += [f"{self.collisions} starts on a full plate"] if self.collisions else []
        told += [f"ended without a reason: {name}" for name in self.without_reason]
        return told + [f"sending for long, and nobody was told: {name}" for name in self.stuck]


class Chaos:
    """Hands on a running demo: they clear plates, kill programs and count."""

    def __init__(self, demo: Running, orgs: int = 2) -> None:
        self.demo = demo
        self.apis = [demo.api("operator", org) for org in range(orgs)]
        self.kills: Counter[str] = Counter()
        # The demo's history is none of our doing.
        self._past = {job["id"] for api in self.apis for job in api.all("/jobs", state=",".join(ENDED))}

    def kill(self, name: str) -> bool:
        """Kill one program of our own server at once; False if it does not run just now."""
        for pid in self._children():
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
                words = {word.rsplit("/", 1)[-1] for part in line.split("\0") for word in part.split(" ")}
                if words & set(SIGNS[name]):
                    os.kill(int(pid), signal.SIGKILL)
                    self.kills[name] += 1
                    return True
        return False

    def _children(self) -> list[str]:
        pid = self.demo.child.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def rage(self, seconds: float, programs: tuple[str, ...], rng: random.Random, pause_s: float) -> None:
        """Kill one of `programs` every `pause_s` or so for some seconds; plates are cleared meanwhile."""
        ends, due = time.monotonic() + seconds, 0.0
        while (now := time.monotonic()) < ends:
            if now >= due:
                self.kill(rng.choice(programs))
                due = now + pause_s * rng.uniform(0.5, 1.5)
            self.clear_plates()
            time.sleep(0.5)

    def clear_plates(self) -> None:
        """Take off what is finished and say so, as people at the printers would; a dead server is no news."""
        with contextlib.suppress(requests.RequestException, AssertionError):
            machines = {one["name"]: one for one in self.demo.simulated()}
            for org, api in enumerate(self.apis):
                for printer in api.all("/printers"):
                    machine = machines[self.demo.key_of(printer["name"], org)]
                    if printer["plate"] != "clear" and printer["job_id"] is None:
                        self._clear(api, printer, machine)

    def _clear(self, api: Api, printer: dict[str, Any], machine: dict[str, Any]) -> None:
        if self.demo.act(machine, "clear-plate"):
            seen = {"plate_epoch": printer["plate_epoch"]}
            api.post(f"/printers/{printer['id']}/plate-cleared", json=seen)

    def starts(self) -> list[str]:
        """The file names of all starts, but those by hand."""
        return [
            start["remote_name"]
            for machine in self.demo.simulated()
            for start in machine["starts"]
            if not start["by_hand"]
        ]

    def count(self) -> Count:
        """Compare what the machines did with what we say of it."""
        found = Count(collisions=sum(one["collisions"] for one in self.demo.simulated()))
        names = Counter(self.starts())
        found.starts = names.total()
        found.twice = [name for name, times in names.items() if times > 1]
        for api in self.apis:
            asked = {one["id"] for one in api.all("/printers") if one["state"] == "needs_you"}
            for job in api.all("/jobs"):
                if job["id"] not in self._past:
                    self._judge(found, job, asked)
        return found

    def _judge(self, found: Count, job: dict[str, Any], asked: set[str]) -> None:
        found.states[job["state"]] += 1
        if job["state"] == "failed" and not (job["failure"]["reason"] and job["failure"]["note"]):
            found.without_reason.append(job["name"])
        if job["state"] == "sending" and job["printer_id"] not in asked:
            since = datetime.fromisoformat(job["history"][-1]["at"])
            if (datetime.now(UTC) - since).total_seconds() > TOLD_WITHIN_S:
                found.stuck.append(job["name"])
