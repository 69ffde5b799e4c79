"""The fleet on which the listener is measured, and the watching of it; see benchmarks.listening."""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from uuid import UUID

import django
import requests

django.setup()

from django_tenants.utils import tenant_context  # noqa: E402

from benchmarks.listening import CONTROL  # noqa: E402
from orgs.creating import create_org  # noqa: E402
from orgs.models import Org, SetUp  # noqa: E402
from printers import live  # noqa: E402
from printers.adding import add  # noqa: E402
from printers.models import Printer  # noqa: E402

SIMULATED = f"http://{CONTROL[0]}:{CONTROL[1]}/printers"
MODELS = {
    "p1s": ("bambu", "Bambu Lab P1S"),
    "x1-carbon": ("bambu", "Bambu Lab X1 Carbon"),
    "voron-2.4-250": ("moonraker", "Voron 2.4 250"),
}
PATIENCE_S = 300
# A mark that is not seen by then is lost.
LOST_S = 10
LOOK_S = 0.01


def make(config: Path) -> None:
    SetUp.objects.get_or_create(only=True)
    org = create_org("Fleet", slug="fleet")
    with tenant_context(org):
        for spec in json.loads(config.read_text())["printers"]:
            protocol, model = MODELS[spec["profile"]]
            printer = Printer(
                name=spec["name"], protocol=protocol, model=model, address=spec["host"], port=spec["port"],
                file_port=spec.get("file_port", 0), serial=spec.get("serial", ""),
            )  # fmt: skip
            add(printer, secret=spec.get("secret", ""), slots=4)


def fleet() -> tuple[UUID, dict[str, UUID]]:
    org = Org.objects.get(slug="fleet")
    with tenant_context(org):
        return org.pk, dict(Printer.objects.values_list("name", "pk"))


def connect() -> None:
    """Let every machine print, so that it reports each second; until all are heard of."""
    org, printers = fleet()
    began = time.monotonic()
    _wait(lambda: len(live.read(org, printers.values())), len(printers), "heard of")
    print(f"All {len(printers)} printers are heard of after {time.monotonic() - began:.1f} s.")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(_print, printers))
    _wait(lambda: _printing(org, printers), len(printers), "printing")


def _printing(org: UUID, printers: dict[str, UUID]) -> int:
    return sum(one.status.state.value == "printing" for one in live.read(org, printers.values()).values())


def _print(name: str) -> None:
    details = {"name": "vase.gcode", "duration_s": 36000}
    requests.post(f"{SIMULATED}/{name}/print-by-hand", json=details, timeout=60).raise_for_status()


def _wait(count: Callable[[], int], wanted: int, what: str) -> None:
    ends = time.monotonic() + PATIENCE_S
    while (found := count()) < wanted:
        if time.monotonic() > ends:
            sys.exit(f"Only {found} of {wanted} are {what}.")
        time.sleep(1)


def measure(seconds: int, a_second: int) -> None:
    org, printers = fleet()
    dice, names = random.Random(7), list(printers)
    waiting: dict[UUID, tuple[str, float]] = {}
    took: list[float] = []
    lost = made = 0
    began = next_at = time.monotonic()
    while (now := time.monotonic()) < began + seconds or waiting:
        if next_at <= now < began + seconds:
            next_at += 1 / a_second
            name = dice.choice(names)
            if printers[name] not in waiting:
                made += 1
                waiting[printers[name]] = (f"#{made + 0x100000:06X}", time.monotonic())
                _load(name, waiting[printers[name]][0])
        seen = live.read(org, waiting)
        for pk, (color, at) in list(waiting.items()):
            if pk in seen and any(tray.color == color for tray in seen[pk].status.trays):
                took.append(time.monotonic() - at)
                del waiting[pk]
            elif time.monotonic() - at > LOST_S:
                lost += 1
                del waiting[pk]
        time.sleep(LOOK_S)
    cut = quantiles(took, n=100, method="inclusive")
    print(f"{made} changes made, {lost} not seen within {LOST_S} s.")
    p50, p95, most = (round(one * 1000) for one in (cut[49], cut[94], max(took)))
    print(f"From the hand to Redis, ms: p50 {p50}, p95 {p95}, most {most}")
    print(f"{_printing(org, printers)} of {len(printers)} links stand at the end.")


def ages(seconds: int) -> None:
    """How old the records are, noted twice a second."""
    org, printers = fleet()
    found: list[float] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        now = datetime.now(UTC)
        known = live.read(org, printers.values())
        found += [(now - one.updated_at).total_seconds() for one in known.values()]
        time.sleep(0.5)
    cut = quantiles(found, n=100, method="inclusive")
    print(f"Age of what is shown, s: p50 {cut[49]:.1f}, p95 {cut[94]:.1f}, most {max(found):.1f}")
    print(f"{_printing(org, printers)} of {len(printers)} printers are known to print at the end.")


def _load(name: str, color: str) -> None:
    details = {"slot": 0, "material": "PLA", "color": color}
    requests.post(f"{SIMULATED}/{name}/load-spool", json=details, timeout=60).raise_for_status()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["make", "connect", "measure", "ages"])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--marks", type=int, default=20)
    wishes = parser.parse_args()
    if wishes.what == "make":
        make(wishes.config)
    elif wishes.what == "connect":
        connect()
    elif wishes.what == "ages":
        ages(wishes.seconds)
    else:
        measure(wishes.seconds, wishes.marks)


if __name__ == "__main__":
    main()
