"""Recorded reports and answers, written from the protocols' field tables, and what they must be read as."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from printers.drivers.bambu_conversation import BambuConversation
from printers.drivers.driver import DriverError, Endpoint, Heat, MachineState, Status
from printers.drivers.elegoo_status import status_of as elegoo_status_of
from printers.drivers.moonraker_status import Job, status_of
from tests.drivers.octoprint_exchanges import GCODE, Player, call, driver_on

RECORDINGS = Path(__file__).parent.parent / "recordings"
OTHERS = Path(__file__).parents[2].parent / "shared" / "data" / "others"


def recordings(protocol: str) -> list[Any]:
    return [pytest.param(path, id=path.stem) for path in sorted((RECORDINGS / protocol).glob("*.json"))]


def pair(heat: Heat | None) -> list[float] | None:
    return [heat.now_c, heat.target_c] if heat else None


def shown(status: Status) -> dict[str, Any]:
    """A status in the words of the recordings."""
    return {
        "state": status.state.value,
        "outcome": status.outcome.value if status.outcome else None,
        "full": status.full,
        "job_key": status.job_key,
        "file": status.file,
        "progress": status.progress,
        "elapsed_s": status.elapsed_s,
        "seen_moving": status.seen_moving,
        "remaining_s": status.remaining_s,
        "layer": status.layer,
        "layers": status.layers,
        "nozzle_c": status.nozzles[0].now_c if status.nozzles else None,
        "nozzles": [pair(heat) for heat in status.nozzles],
        "bed": pair(status.bed),
        "chamber": pair(status.chamber),
        "fans": status.fans,
        "part_fan": status.fans.get("part"),
        "faults": [fault.code for fault in status.faults],
        "severities": [fault.severity for fault in status.faults],
        "trays": [[tray.material, tray.color, tray.remain] for tray in status.trays],
        "tray_indexes": [tray.index for tray in status.trays],
        "filament_used_mm": status.filament_used_mm,
    }


@pytest.mark.parametrize("path", recordings("bambu"))
def test_bambu_reports_are_read_as_recorded(path: Path) -> None:
    talk = BambuConversation(Endpoint("printer", serial="01S00C123456789"))

    for number, step in enumerate(json.loads(path.read_text())["steps"]):
        before = talk.status()
        news = talk.feed(json.dumps(step["feed"]).encode())

        seen = shown(talk.status())
        assert {key: seen[key] for key in step["expect"]} == step["expect"], f"step {number}"
        assert news == (None if talk.status() == before else talk.status()), f"step {number}"


@pytest.mark.parametrize("path", recordings("moonraker"))
def test_moonraker_answers_are_read_as_recorded(path: Path) -> None:
    recording = json.loads(path.read_text())

    job = Job("00002A", "k7f3q_part.gcode", "in_progress")
    seen = shown(status_of(recording["objects"], job, recording.get("estimate_s")))

    assert {key: seen[key] for key in recording["expect"]} == recording["expect"]


@pytest.mark.parametrize("path", recordings("elegoo"))
def test_elegoo_reports_are_read_as_recorded(path: Path) -> None:
    recording = json.loads(path.read_text())

    seen = shown(elegoo_status_of(recording["status"]))

    assert {key: seen[key] for key in recording["expect"]} == recording["expect"]


@pytest.mark.parametrize("path", recordings("octoprint"))
def test_octoprint_is_asked_and_read_as_recorded(path: Path, tmp_path: Path) -> None:
    recording = json.loads(path.read_text())
    (file := tmp_path / "part.gcode").write_text(GCODE)
    http = Player(recording["exchanges"])
    said: dict[str, Any] = {}

    try:
        told = call(driver_on(http), recording["call"], file)
    except DriverError as error:
        said = {"error": type(error).__name__, "trouble": error.trouble.value, "words": str(error)}
    else:
        said = shown(told) if isinstance(told, Status) else asdict(told) if told else {"error": None}

    assert recording["expect"]
    assert {key: json.loads(json.dumps(said[key])) for key in recording["expect"]} == recording["expect"]
    assert http.left == []


@pytest.mark.parametrize(
    ("name", "state", "slots", "layers"),
    [
        ("A1", MachineState.IDLE, 5, 0),
        ("P1PNOAMS", MachineState.FINISHED, 1, 124),
        ("X1CMULTIAMS", MachineState.FINISHED, 14, 480),
    ],
)
def test_reports_of_real_printers_are_full_pictures(
    name: str, state: MachineState, slots: int, layers: int
) -> None:
    path = OTHERS / f"bambu-report-{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is not here; it may not be kept in this repository")
    recording = json.loads(path.read_text())
    talk = BambuConversation(Endpoint("printer", serial="01S00C123456789"))

    for message in (recording["get_version"], recording["pushall"]):
        talk.feed(json.dumps(message).encode())

    status = talk.status()
    assert (status.full, status.state, status.layers, len(status.trays)) == (True, state, layers, slots)
    assert talk.firmware
