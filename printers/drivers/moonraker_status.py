"""Klipper's status objects made a Status.

Names and states: Moonraker 0.9 and Klipper 0.12, printer objects (moonraker.readthedocs.io, klipper3d.org
Status_Reference); every object and field is optional, as vendors' Klippers differ.
"""

from dataclasses import dataclass
from typing import Any

from printers.drivers.driver import Fault, Heat, MachineState, Outcome, Status
from printers.drivers.readings import base_name, celsius, items, mapping, number, text, whole

# print_stats.state; "printing" is refined by print_duration, "standby" by idle_timeout.
STATES: dict[str, tuple[MachineState, Outcome | None]] = {
    "standby": (MachineState.IDLE, None),
    "printing": (MachineState.PRINTING, None),
    "paused": (MachineState.PAUSED, None),
    "complete": (MachineState.FINISHED, Outcome.COMPLETED),
    "cancelled": (MachineState.FINISHED, Outcome.CANCELLED),
    "error": (MachineState.ERROR, Outcome.FAILED),
}

# webhooks.state and server/info klippy_state, except "ready".
FIRMWARE_STATES = {
    "disconnected": MachineState.OFFLINE,
    "startup": MachineState.BUSY,
    "error": MachineState.ERROR,
    "shutdown": MachineState.ERROR,
}

# status of a record in Moonraker's history; the others are still running or unknown.
OUTCOMES = {
    "completed": Outcome.COMPLETED,
    "cancelled": Outcome.CANCELLED,
    "error": Outcome.FAILED,
    "klippy_shutdown": Outcome.FAILED,
    "klippy_disconnect": Outcome.FAILED,
    "interrupted": Outcome.FAILED,
    "server_exit": Outcome.FAILED,
}

ALWAYS: dict[str, list[str] | None] = {
    "webhooks": ["state", "state_message"],
    "print_stats": None,
    "virtual_sdcard": ["progress"],
    "display_status": ["progress"],
    "idle_timeout": ["state"],
    "extruder": ["temperature", "target"],
    "heater_bed": ["temperature", "target"],
    "fan": ["speed"],
}
_CHAMBERS = ("temperature_sensor ", "heater_generic ", "temperature_fan ")
_MOST_OBJECTS = 24
_WEEKS_S = 60 * 86400


@dataclass(frozen=True, slots=True)
class Job:
    """The newest record of Moonraker's history; `number` is its job_id."""

    number: str = ""
    file: str = ""
    status: str = ""

    @property
    def key(self) -> str:
        return f"{self.number}:{self.file}" if self.number or self.file else ""


def interesting(listed: object) -> dict[str, list[str] | None]:
    """Of the objects a printer has, those worth asking for beside ALWAYS, with their fields."""
    found: dict[str, list[str] | None] = {}
    for name in items(listed, 2000):
        if not isinstance(name, str) or len(found) >= _MOST_OBJECTS:
            continue
        chamber = "chamber" in name.lower() and name.startswith(_CHAMBERS)
        if chamber or (name.startswith("extruder") and name[8:].isdigit()):
            found[name] = ["temperature", "target"]
        elif name.startswith("fan_generic "):
            found[name] = ["speed"]
        elif name.startswith(("filament_switch_sensor ", "filament_motion_sensor ")):
            found[name] = ["filament_detected", "enabled"]
    return found


def job_of(history: object) -> Job | None:
    """The newest record in an answer of history/list; None if there is none."""
    for record in items(mapping(history).get("jobs"), 1):
        told = mapping(record)
        return Job(text(told.get("job_id")), base_name(told.get("filename")), text(told.get("status")))
    return None


def without_firmware(state: str, message: str, job: Job) -> Status:
    """The picture while Klipper is not ready; known in full only when Klipper itself has stopped for good."""
    machine = FIRMWARE_STATES.get(state, MachineState.UNKNOWN)
    faults = (
        (Fault(f"klipper {state}", message or f"Klipper reports {state}."),)
        if machine is MachineState.ERROR
        else ()
    )
    return Status(
        state=machine, raw_state=f"klipper {state}", job_key=job.key, file=job.file, faults=faults,
        full=machine is MachineState.ERROR,
    )  # fmt: skip


def status_of(objects: dict[str, Any], job: Job, estimate_s: float | None) -> Status:
    """The picture of a printer whose Klipper is ready; `estimate_s` is the slicer's time for the file."""
    stats = mapping(objects.get("print_stats"))
    raw = text(stats.get("state"))
    state, outcome = STATES.get(raw, (MachineState.UNKNOWN, None))
    printed_s = number(stats.get("print_duration"), 0, _WEEKS_S) or 0.0
    if state is MachineState.PRINTING and printed_s == 0:
        state = MachineState.PREPARING
    if state is MachineState.IDLE and mapping(objects.get("idle_timeout")).get("state") == "Printing":
        state = MachineState.BUSY
    progress = _progress(objects, state)
    info = mapping(stats.get("info"))
    return Status(
        state=state,
        outcome=outcome,
        raw_state=raw,
        progress=progress,
        remaining_s=_remaining(state, printed_s, progress, estimate_s),
        elapsed_s=whole(stats.get("total_duration"), 0, _WEEKS_S) if progress is not None else None,
        file=base_name(stats.get("filename")) or job.file,
        job_key=job.key,
        layer=whole(info.get("current_layer"), 0, 1_000_000),
        layers=whole(info.get("total_layer"), 0, 1_000_000),
        nozzles=_nozzles(objects),
        bed=_heat(objects.get("heater_bed")),
        chamber=_chamber(objects),
        fans=_fans(objects),
        faults=tuple(_faults(objects, state, raw)),
        filament_used_mm=number(stats.get("filament_used"), 0, 1e8),
    )


def _progress(objects: dict[str, Any], state: MachineState) -> float | None:
    if state in (MachineState.IDLE, MachineState.BUSY, MachineState.UNKNOWN):
        return None
    said = number(mapping(objects.get("display_status")).get("progress"), 0, 1)
    # M73 begins at 0 and some files have none: then the share of bytes read is better than nothing.
    return said or number(mapping(objects.get("virtual_sdcard")).get("progress"), 0, 1)


def _remaining(
    state: MachineState, printed_s: float, progress: float | None, estimate_s: float | None
) -> int | None:
    if state not in (MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED):
        return None
    if estimate_s:
        return int(max(0.0, estimate_s - printed_s))
    if printed_s and progress and progress > 0.05:
        return int(max(0.0, printed_s / progress - printed_s))
    return None


def _heat(said: object) -> Heat | None:
    now_c = celsius(mapping(said).get("temperature"))
    return None if now_c is None else Heat(now_c, celsius(mapping(said).get("target")) or 0.0)


def _nozzles(objects: dict[str, Any]) -> tuple[Heat, ...]:
    names = sorted(
        name for name in objects if name == "extruder" or (name.startswith("extruder") and name[8:].isdigit())
    )
    return tuple(heat for name in names if (heat := _heat(objects[name])))


def _chamber(objects: dict[str, Any]) -> Heat | None:
    heats = [_heat(said) for name, said in objects.items() if "chamber" in name.lower() and " " in name]
    return next((heat for heat in heats if heat), None)


def _fans(objects: dict[str, Any]) -> dict[str, int]:
    fans = {}
    for name, said in objects.items():
        speed = number(mapping(said).get("speed"), 0, 1)
        if speed is not None and (name == "fan" or name.startswith("fan_generic ")):
            fans[text(name.removeprefix("fan_generic "), 40)] = round(speed * 100)
    return fans


def _faults(objects: dict[str, Any], state: MachineState, raw: str) -> list[Fault]:
    faults = []
    if state is MachineState.ERROR:
        words = text(mapping(objects.get("print_stats")).get("message"), 400)
        faults.append(Fault("print error", words or "The print ended with an error."))
    if state is MachineState.UNKNOWN:
        faults.append(
            Fault("unknown state", f"The printer reports a state that is not known here: {raw or 'none'}.")
        )
    for name, said in objects.items():
        if not name.startswith(("filament_switch_sensor ", "filament_motion_sensor ")):
            continue
        sensor = mapping(said)
        if (
            state is MachineState.PAUSED
            and sensor.get("enabled")
            and sensor.get("filament_detected") is False
        ):
            faults.append(Fault("filament runout", "The filament sensor sees no filament."))
    return faults
