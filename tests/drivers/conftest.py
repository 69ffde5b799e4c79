"""Simulated printers for the drivers' tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from printers.drivers import (
    bambu_files,
    bambu_link,
    elegoo_files,
    elegoo_link,
    moonraker,
    octoprint,
    octoprint_http,
    prusalink_files,
    web,
)
from simulator.config import PrinterSpec
from simulator.farm import Farm, Handle
from tests.drivers.rig import CODE, Rig, rig_for

PROFILES = (
    "voron-2.4-250", "ender-3-v2-klipper", "a1-mini", "p1s", "x1-carbon", "centauri-carbon", "ender-3-v2",
    "mk4", "mk3s-pi",
)  # fmt: skip


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bambu_link, "SILENCE_S", 0.8)
    monkeypatch.setattr(bambu_files, "REPLY_S", 0.5)
    monkeypatch.setattr(bambu_files, "CONNECT_S", 1.0)
    monkeypatch.setattr(moonraker, "MACRO_S", 0.4)
    monkeypatch.setattr(moonraker, "START_S", 0.6)
    monkeypatch.setattr(moonraker, "SETTLE_S", 0.02)
    monkeypatch.setattr(elegoo_link, "CONNECT_S", 1.0)
    monkeypatch.setattr(elegoo_link, "ANSWER_S", 1.0)
    monkeypatch.setattr(elegoo_files, "VERDICT_S", 0.2)
    monkeypatch.setattr(octoprint, "START_S", 0.6)
    monkeypatch.setattr(octoprint, "SETTLE_S", 0.02)
    monkeypatch.setattr(octoprint_http, "ANSWER_S", 2.0)
    monkeypatch.setattr(web, "CONNECT_S", 1.0)
    monkeypatch.setattr(prusalink_files, "SCAN_S", 0.05)


@pytest.fixture
def printer_of() -> Iterator[Callable[..., Handle]]:
    """Makes simulated printers of a profile; a print of ten minutes takes six seconds."""
    farms: list[Farm] = []

    def make(profile: str, speed: float = 100.0) -> Handle:
        farm = Farm([PrinterSpec("one", profile, secret=CODE, speed=speed, push_s=0.05)])
        farms.append(farm.__enter__())
        return farm["one"]

    yield make
    for farm in farms:
        farm.__exit__(None, None, None)


@pytest.fixture
def rig_of(printer_of: Callable[..., Handle], tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Makes a printer and what drives it."""
    rigs: list[Rig] = []

    def make(profile: str, speed: float = 100.0) -> Rig:
        rigs.append(rig_for(printer_of(profile, speed), tmp_path))
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.close()


@pytest.fixture(params=PROFILES)
def rig(request: pytest.FixtureRequest, rig_of: Callable[..., Rig]) -> Rig:
    """One of every simulated printer, over its own protocol."""
    return rig_of(request.param)
