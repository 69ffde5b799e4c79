"""The farm from outside: its control endpoint, its command line, its size."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from printers.drivers.driver import Endpoint
from printers.drivers.moonraker import MoonrakerDriver
from simulator.config import ConfigError, PrinterSpec, load
from simulator.farm import Farm


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm(
        [PrinterSpec("voron", "voron-2.4-250"), PrinterSpec("p1", "p1s")], control_host="127.0.0.1"
    ) as farm:
        yield farm


def post(farm: Farm, path: str, **details: object) -> requests.Response:
    return requests.post(f"{farm.control_url}/printers/{path}", json=details, timeout=5)


def test_the_control_endpoint_lists_what_can_be_seen(farm: Farm) -> None:
    seen = requests.get(f"{farm.control_url}/printers", timeout=5).json()

    assert [(printer["name"], printer["phase"], printer["plate_full"]) for printer in seen] == [
        ("voron", "idle", False),
        ("p1", "idle", False),
    ]


def test_hands_can_be_laid_on_a_printer(farm: Farm) -> None:
    started = post(farm, "voron/print-by-hand", name="vase.gcode", duration_s=100).json()
    post(farm, "voron/finish-now")
    # It ends within a moment of its own time, not at once.
    until = time.monotonic() + 5
    while not (answer := post(farm, "voron/clear-plate")).ok and time.monotonic() < until:
        time.sleep(0.01)
    cleared = answer.json()

    assert started["starts"][0]["by_hand"] is True
    assert (started["file"], started["plate_full"]) == ("vase.gcode", True)
    assert (cleared["phase"], cleared["plate_full"]) == ("finished", False)


@pytest.mark.parametrize(
    ("path", "details", "status"),
    [
        ("nobody/clear-plate", {}, 404),
        ("voron/dance", {}, 404),
        ("voron/fault", {"gremlins": 1}, 400),
        ("voron/finish-now", {}, 409),
        ("voron/load-spool", {}, 400),
    ],
)
def test_what_cannot_be_done_is_said(farm: Farm, path: str, details: dict[str, object], status: int) -> None:
    assert post(farm, path, **details).status_code == status


def test_offline_and_online_keep_the_address(farm: Farm) -> None:
    port = farm["p1"].port
    post(farm, "p1/offline")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/", timeout=1)

    post(farm, "p1/online")

    assert farm["p1"].port == port


def test_a_hundred_printers_are_polled_on_a_small_part_of_a_core() -> None:
    with Farm(
        [PrinterSpec(f"v{n}", "voron-2.4-250", host=f"127.66.0.{n + 1}", port=7125) for n in range(100)]
    ) as farm:
        drivers = [MoonrakerDriver(Endpoint(farm[f"v{n}"].host, 7125)) for n in range(100)]
        for driver in drivers:
            driver.status()

        began = time.thread_time(), farm.call(time.thread_time)
        for driver in drivers:
            driver.status()
        simulated_s = farm.call(time.thread_time) - began[1]

        for driver in drivers:
            driver.close()

    # One poll of each every 2 s may cost the simulator at most a tenth of a core.
    assert simulated_s < 0.2


def test_the_command_line_runs_a_farm_until_it_is_told_to_stop(tmp_path: Path) -> None:
    config = tmp_path / "farm.json"
    printers = [
        {"name": "voron", "profile": "voron-2.4-250"},
        {"name": "mini", "profile": "a1-mini", "secret": "1"},
    ]
    config.write_text(
        json.dumps({"control": {"host": "127.0.0.1", "port": 0}, "speed": 60, "printers": printers})
    )
    root = Path(__file__).parents[2]

    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--config", str(config)],
        cwd=root, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert process.stdout
    told = json.loads(process.stdout.readline())
    seen = requests.get(f"http://127.0.0.1:{told['control']['port']}/printers", timeout=5).json()
    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert {printer["name"]: printer["port"] for printer in seen} == {
        name: printer["port"] for name, printer in told["printers"].items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"printers": [{"name": "a", "profile": "toaster"}]}',
        '{"printers": [{"name": "a", "profile": "p1s", "colour": 1}]}',
        '{"printers": [{"profile": "p1s"}]}',
    ],
)
def test_a_configuration_that_is_none_says_why(tmp_path: Path, text: str) -> None:
    path = tmp_path / "farm.json"
    path.write_text(text)

    with pytest.raises(ConfigError):
        load(path)
