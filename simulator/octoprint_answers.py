"""What a simulated OctoPrint tells of its printer, of the connection to it, and of the selected file."""

from typing import Any

from simulator.printer import Machine, Phase, Run

# OctoPrint's words for what moves or is in trouble; all else is operational.
_TEXTS = {
    Phase.PREPARING: "Printing",
    Phase.PRINTING: "Printing",
    Phase.PAUSED: "Paused",
    Phase.ERROR: "Error",
}
_OFF = ("cancelling", "closedOrError", "error", "finishing", "pausing", "resuming", "sdReady")
_FILE = ("name", "path", "display", "origin", "size", "date")
_PROGRESS = ("completion", "filepos", "printTime", "printTimeLeft", "printTimeLeftOrigin")


def state(machine: Machine) -> tuple[str, str]:
    """OctoPrint's state and its error in words."""
    if machine.firmware_state == "ready":
        words = machine.trouble if machine.phase is Phase.ERROR else ""
        return _TEXTS.get(machine.phase, "Operational"), words
    if machine.firmware_state == "startup":
        return "Connecting", ""
    return ("Offline", "") if machine.firmware_state == "closed" else ("Offline after error", machine.trouble)


def connection(machine: Machine) -> dict[str, Any]:
    said, _error = state(machine)
    current: dict[str, Any] = {"state": said, "port": "/dev/ttyUSB0", "baudrate": 115200}
    if said.startswith("Offline"):
        current = {"state": "Closed", "port": None, "baudrate": None}
    return {**current, "printerProfile": "_default"}


def profile(machine: Machine) -> dict[str, Any]:
    width, depth, height = machine.profile.bed_mm
    return {
        "id": "_default",
        "name": "Default",
        "model": machine.profile.model,
        "current": True,
        "default": True,
        "volume": {
            "width": width,
            "depth": depth,
            "height": height,
            "formFactor": "rectangular",
            "origin": "lowerleft",
            "custom_box": False,
        },
        "extruder": {"count": 1, "nozzleDiameter": machine.profile.nozzle_mm, "sharedNozzle": False},
        "heatedBed": True,
        "heatedChamber": machine.profile.chamber,
    }


def printer(machine: Machine) -> dict[str, Any]:
    """State and temperatures of a connected printer."""
    said, error = state(machine)
    flags = {
        **dict.fromkeys(_OFF, False),
        "operational": True,
        "printing": said == "Printing",
        "paused": said == "Paused",
        "ready": said == "Operational",
    }
    nozzle_c, bed_c = machine.targets_c
    heats = {
        "tool0": {"actual": round(machine.nozzle_c, 2), "target": nozzle_c, "offset": 0},
        "bed": {"actual": round(machine.bed_c, 2), "target": bed_c, "offset": 0},
    }
    return {"state": {"text": said, "error": error, "flags": flags}, "temperature": heats}


def job(machine: Machine, file: dict[str, Any], run: Run | None) -> dict[str, Any]:
    """The selected `file`, empty if none is, and how far `run`, the print of it that is shown, has come."""
    said, error = state(machine)
    told = {
        "file": {name: file.get(name) for name in _FILE},
        "estimatedPrintTime": run.sliced.duration_s if run else None,
        "filament": None,
        "user": "odin" if file else None,
    }
    answer = {"job": told, "progress": _progress(machine, run), "state": said}
    return answer | ({"error": error} if error else {})


def _progress(machine: Machine, run: Run | None) -> dict[str, Any]:
    if run is None or not (machine.active or machine.phase is Phase.FINISHED):
        return dict.fromkeys(_PROGRESS)
    # A few lines are read ahead while the printer heats.
    completion = max(0.1, run.share * 100)
    return {
        "completion": completion,
        "filepos": int(completion * 1000),
        "printTime": int(run.elapsed_s),
        "printTimeLeft": int(run.remaining_s) if run.elapsed_s else None,
        "printTimeLeftOrigin": "estimate",
    }
