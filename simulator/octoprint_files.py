"""The files of a simulated OctoPrint: names as it keeps them, and the prints it remembers of each."""

import hashlib
import re
from pathlib import Path
from typing import Any

from simulator.printer import Machine, Run
from simulator.sliced import Sliced, read_gcode

EXTENSIONS = (".gcode", ".gco", ".g")


def sanitised(name: str) -> str:
    """`name` as OctoPrint stores it: without folders, signs no disk bears, and anything but ASCII."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1].replace(" ", "_")
    return re.sub(r"[^A-Za-z0-9_.()\-]", "", bare).strip(".")


class Files:
    """What lies on OctoPrint's disk. An upload begins a file's history anew."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._sliced: dict[str, Sliced] = {}
        self._known_from: dict[str, int] = {}

    def path(self, name: str) -> Path:
        return self._machine.folder / name.rsplit("/", 1)[-1]

    def exists(self, name: str) -> bool:
        return bool(name) and self.path(name).is_file()

    def keep(self, parked: Path, name: str) -> None:
        """Store a received file as `name`."""
        parked.replace(self.path(name))
        self._sliced.pop(name, None)
        self._known_from[name] = max((run.number for run in self._machine.runs), default=0)

    def delete(self, name: str) -> None:
        self.path(name).unlink()
        self._sliced.pop(name, None)

    def sliced(self, name: str) -> Sliced:
        if name not in self._sliced:
            self._sliced[name] = read_gcode(self.path(name))
        return self._sliced[name]

    def details(self, name: str) -> dict[str, Any]:
        """An answer of GET /api/files/local/<name>."""
        path = self.path(name)
        told: dict[str, Any] = {
            "name": name,
            "path": name,
            "display": name,
            "origin": "local",
            "type": "machinecode",
            "typePath": ["machinecode", "gcode"],
            "size": path.stat().st_size,
            "date": int(path.stat().st_mtime),
            "hash": hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest(),
        }
        if (ended := self._ended(name)) and not self._machine.faults.no_history:
            good = [run.end == "completed" for run in ended]
            told["prints"] = {
                "success": sum(good),
                "failure": len(good) - sum(good),
                "last": {"success": good[-1], "date": ended[-1].ended_at, **_time(ended[-1])},
            }
        return told

    def _ended(self, name: str) -> list[Run]:
        since = self._known_from.get(name, 0)
        return [
            run
            for run in self._machine.runs
            if run.remote_name == name and run.number > since and run.ended_at is not None
        ]


def _time(run: Run) -> dict[str, float]:
    """Only good prints have their time noted for certain."""
    return {"printTime": run.elapsed_s} if run.end == "completed" else {}
