"""Scripts' walks through the running server, by its REST API alone."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from demo.farm import KINDS
from demo.sliced import gcode_3mf_file, gcode_file
from tests.running import Api, Running, eventually

BAMBU_IDS = {"Mini": "N1", "P1S": "C12", "X1C": "BL-P001"}


def sliced(folder: Path, kind: str, minutes: float = 6, grams: float = 5) -> Path:
    """A file of its own name, really sliced for a kind of printer of the demo."""
    known, name = KINDS[kind], f"walk_{uuid4().hex[:8]}"
    said: Any = {
        "printer_model": known.model, "bed_mm": known.bed_mm, "nozzle_mm": 0.4, "material": "PLA",
        "color": "#FF8000", "size_mm": (30, 30, 10), "minutes": minutes, "grams": grams, "title": "Walk",
    }  # fmt: skip
    if known.protocol == "bambu":
        path = folder / f"{name}.gcode.3mf"
        gcode_3mf_file(path, printer_model_id=BAMBU_IDS[kind], **said)
    else:
        path = folder / f"{name}.gcode"
        gcode_file(path, slicer="OrcaSlicer", **said)
    return path


class Walk:
    """One file on its way over one printer, which is cleared of whatever is before it."""

    def __init__(self, demo: Running, folder: Path, kind: str, minutes: float = 6) -> None:
        self.demo, self.api, self.kind = demo, demo.api(), kind
        self.path = sliced(folder, kind, minutes)
        self.model: dict[str, Any] = {}
        self.printer: dict[str, Any] = {}
        self.job: dict[str, Any] = {}

    def upload(self) -> None:
        with self.path.open("rb") as file:
            answer = self.api.post("/models", files={"file": (self.path.name, file)})
        assert answer.status_code == 201, answer.text
        pk = answer.json()["id"]
        self.model = eventually(lambda: self._ready(pk))

    def _ready(self, pk: str) -> dict[str, Any] | None:
        model: dict[str, Any] = self.api.get(f"/models/{pk}").json()
        status = model["current_revision"]["status"]
        assert status != "unreadable", model
        return model if status == "ready" else None

    def choose_printer(self) -> None:
        """One of the kind that fits and tells its state, the idle before the busy."""
        fits = {fit["printer_id"] for fit in self._fits() if fit["fits"] == "yes"}
        of_kind = [
            one
            for one in self.api.all("/printers")
            if one["name"].split()[0] == self.kind and one["id"] in fits and one["live"]
        ]
        self.printer = min(of_kind, key=lambda one: one["state"] != "ready")

    def _fits(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(f"/models/{self.model['id']}/fits").json()
        return found

    def order(self, **wanted: Any) -> None:
        body = {
            "model_id": self.model["id"],
            "target": {"printer_id": self.printer["id"]},
            "auto_start": True,
            "priority": "urgent",
            **wanted,
        }
        answer = self.api.post("/jobs", json=body)
        assert answer.status_code == 201, answer.text
        self.job = answer.json()

    def look(self) -> dict[str, Any]:
        self.job = self.api.get(f"/jobs/{self.job['id']}").json()
        return self.job

    def until(self, *states: str, within_s: float = 120) -> dict[str, Any]:
        """The job in one of `states`; until it has its printer, others are made to leave that."""

        def seen() -> dict[str, Any] | None:
            job = self.look()
            if job["state"] in states:
                return job
            assert job["state"] not in {"failed", "cancelled", "completed"}, job
            if job["state"] == "queued":
                self._make_room()
            return None

        found: dict[str, Any] = eventually(seen, within_s)
        return found

    def _make_room(self) -> None:
        """End the print of somebody else on our printer once it was seen there, take it off and say so.

        One that is over before it was ever seen leaves its start unclear where a printer keeps no history.
        """
        machine, pk = self.machine, self.printer["id"]
        printer = self.api.get(f"/printers/{pk}").json()
        if printer["live"] and printer["live"]["file"]:
            self.demo.act(machine, "finish-now")
        if printer["plate"] != "clear" and printer["job_id"] is None:
            self.demo.act(machine, "clear-plate")
            self.api.post(f"/printers/{pk}/plate-cleared", json={"plate_epoch": printer["plate_epoch"]})

    @property
    def machine(self) -> dict[str, Any]:
        """Our printer in the simulator: found by what the page calls it, through the demo's own list."""
        return next(one for one in self.demo.simulated() if one["name"] == self.key)

    @property
    def key(self) -> str:
        return self.demo.key_of(self.printer["name"])

    def finish_soon(self) -> None:
        self.demo.act(self.machine, "finish-now")

    @property
    def starts(self) -> list[str]:
        """The starts of our file on any simulated printer, under whichever name it was sent."""
        stem = self.path.name.split(".")[0]
        return [
            start["remote_name"]
            for machine in self.demo.simulated()
            for start in machine["starts"]
            if stem in start["remote_name"]
        ]


@pytest.fixture
def api(demo_server: Running) -> Api:
    return demo_server.api()
