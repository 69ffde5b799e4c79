"""Klipper's status objects and Moonraker's history entries of a simulated machine."""

from collections.abc import Callable

from simulator.printer import Machine, Phase, Run

# print_stats.state for each phase (facts 2.3); preparing is "printing" with a print_duration of 0.
_STATES = {
    Phase.IDLE: "standby",
    Phase.PREPARING: "printing",
    Phase.PRINTING: "printing",
    Phase.PAUSED: "paused",
    Phase.FINISHED: "complete",
    Phase.CANCELLED: "cancelled",
    Phase.ERROR: "error",
}


def _print_stats(machine: Machine) -> dict[str, object]:
    run, state = machine.run, _STATES[machine.phase]
    if run is None or state == "standby":
        state = "error" if machine.phase is Phase.ERROR else "standby"
        return {"state": state, "filename": "", "print_duration": 0.0, "total_duration": 0.0,
                "filament_used": 0.0, "message": machine.trouble if state == "error" else "",
                "info": {"current_layer": None, "total_layer": None}}  # fmt: skip
    return {
        "state": state,
        "filename": run.remote_name,
        "print_duration": run.elapsed_s,
        "total_duration": run.elapsed_s + machine.profile.prepare_s - run.prepare_left_s,
        "filament_used": run.sliced.length_mm * run.share,
        "message": machine.trouble if state == "error" else "",
        "info": {"current_layer": run.layer, "total_layer": run.sliced.layers},
    }


def _virtual_sdcard(machine: Machine) -> dict[str, object]:
    run = machine.run
    moving = machine.phase in (Phase.PREPARING, Phase.PRINTING)
    return {"progress": run.share if run else 0.0, "is_active": moving, "file_position": 0, "file_size": 0}


def _settings(machine: Machine) -> dict[str, object]:
    return {
        "settings": {
            "printer": {"kinematics": "corexy", "printer_model": machine.profile.model},
            "extruder": {"nozzle_diameter": machine.profile.nozzle_mm},
            "mcu": {"serial": f"/dev/serial/by-id/usb-Klipper_stm32f446xx_{machine.serial}-if00"},
        }
    }


# Every object and the function that tells its fields, as /printer/objects/list names them.
OBJECTS: dict[str, Callable[[Machine], dict[str, object]]] = {
    "webhooks": lambda machine: {
        "state": machine.firmware_state,
        "state_message": "Printer is ready" if machine.firmware_state == "ready" else machine.trouble,
    },
    "print_stats": _print_stats,
    "virtual_sdcard": _virtual_sdcard,
    "display_status": lambda machine: {
        "progress": machine.run.share if machine.run else 0.0,
        "message": machine.trouble or None,
    },
    "idle_timeout": lambda machine: {"state": "Printing" if machine.active else "Ready"},
    "pause_resume": lambda machine: {"is_paused": machine.phase is Phase.PAUSED},
    "extruder": lambda machine: {"temperature": round(machine.nozzle_c, 1), "target": machine.targets_c[0]},
    "heater_bed": lambda machine: {"temperature": round(machine.bed_c, 1), "target": machine.targets_c[1]},
    "temperature_sensor chamber": lambda machine: {"temperature": round(20 + machine.bed_c / 5, 1)},
    "fan": lambda machine: {"speed": 0.6 if machine.phase is Phase.PRINTING else 0.0},
    "toolhead": lambda machine: {
        "axis_minimum": [0.0, 0.0, -2.0, 0.0],
        "axis_maximum": [*machine.profile.bed_mm, 0.0],
        "homed_axes": "xyz",
    },
    "filament_switch_sensor runout": lambda machine: {
        "filament_detected": not machine.out_of_filament,
        "enabled": True,
    },
    "configfile": _settings,
}


def query(machine: Machine, wanted: dict[str, object]) -> dict[str, object]:
    """The asked objects; `wanted` maps names to lists of fields, or None for all. Unknown ones are empty."""
    told: dict[str, object] = {}
    for name, only in wanted.items():
        values = OBJECTS[name](machine) if name in OBJECTS else {}
        if isinstance(only, list):
            values = {field: values[field] for field in only if field in values}
        told[name] = values
    return told


def history_entry(run: Run) -> dict[str, object]:
    return {
        "job_id": f"{run.number:06X}",
        "filename": run.remote_name,
        "status": run.end or "in_progress",
        "start_time": run.started_at,
        "end_time": run.ended_at,
        "print_duration": run.elapsed_s,
        "filament_used": run.sliced.length_mm * run.share,
        "exists": True,
    }
