"""What a simulated Bambu printer reports of itself: the whole picture, and what changed in it."""

from typing import Any

from simulator.printer import Machine, Phase, Run, Spool

CANCEL_ECHO = 0x0300400C
_GENERAL_FAILURE = 0x03004001
_RUNOUT_HMS = {"attr": 0x07002000, "code": 0x00020001}
_LOCKED_FUN = "20000000"
_STATES = {
    Phase.IDLE: "IDLE",
    Phase.PREPARING: "RUNNING",
    Phase.PRINTING: "RUNNING",
    Phase.PAUSED: "PAUSE",
    Phase.FINISHED: "FINISH",
    Phase.CANCELLED: "FAILED",
    Phase.ERROR: "FAILED",
}
# Stages of a preparation in their order, each with the share of it that is over when the stage begins.
_STAGES = ((0.2, 2), (0.5, 7), (0.7, 13), (0.8, 14), (0.9, 1))


def full_report(machine: Machine, print_error: int) -> dict[str, Any]:
    """All of `print.push_status`; `print_error` is what the screen shows apart from the machine's trouble."""
    run = machine.run
    error = print_error or (_GENERAL_FAILURE if machine.phase is Phase.ERROR and machine.trouble else 0)
    nozzle_c, bed_c = machine.targets_c
    report: dict[str, Any] = {
        "command": "push_status",
        "nozzle_temper": round(machine.nozzle_c, 1),
        "nozzle_target_temper": nozzle_c,
        "bed_temper": round(machine.bed_c, 1),
        "bed_target_temper": bed_c,
        "chamber_temper": round(20 + machine.bed_c / 5, 1) if machine.profile.chamber else 5.0,
        "cooling_fan_speed": _fan(machine, 1, 255 if machine.phase is Phase.PRINTING else 0),
        "big_fan1_speed": _fan(machine, 2),
        "big_fan2_speed": _fan(machine, 3),
        "heatbreak_fan_speed": "15" if machine.active else "0",
        "nozzle_diameter": str(machine.profile.nozzle_mm),
        "nozzle_type": "stainless_steel",
        "print_error": error,
        "hms": [_RUNOUT_HMS] if machine.out_of_filament else [],
        "wifi_signal": "-45dBm",
        "spd_lvl": machine.speed_level,
        "sdcard": machine.faults.storage != "missing",
        "home_flag": 0 if machine.faults.storage == "missing" else 0x100,
        "lights_report": [{"node": "chamber_light", "mode": "on" if machine.light else "off"}],
        "ams": ams(machine),
        "vt_tray": {"id": "254", "tray_type": "", "tray_color": "00000000", "remain": 0},
        **_job(machine, run),
    }
    if machine.profile.full_reports:
        report["fun"] = _LOCKED_FUN if machine.faults.locked else "0"
    return report


def _fan(machine: Machine, number: int, usual_255: int = 0) -> str:
    """In fifteenths, as text; a person's wish holds until the print sets another."""
    return str(round(machine.fans_255.get(number, usual_255) / 17))


def _job(machine: Machine, run: Run | None) -> dict[str, Any]:
    prepared = 1.0 if run is None else 1 - run.prepare_left_s / machine.profile.prepare_s
    state, stage = _STATES[machine.phase], -1 if machine.profile.full_reports else 255
    if machine.phase is Phase.PREPARING:
        state = "PREPARE" if prepared < _STAGES[0][0] else "RUNNING"
        stage = max(((begin, number) for begin, number in _STAGES if begin <= prepared), default=(0, 0))[1]
    elif machine.phase is Phase.PRINTING:
        stage = 0
    elif machine.phase is Phase.PAUSED:
        stage = 6 if machine.out_of_filament else 16
    name = run.remote_name if run else ""
    gone = machine.phase is Phase.CANCELLED
    return {
        "gcode_state": state,
        "stg_cur": stage,
        "gcode_file_prepare_percent": str(min(100, int(prepared * 500))),
        "print_type": "local" if run else "idle",
        "mc_percent": int(run.share * 100) if run and not gone else 0,
        "mc_remaining_time": int(run.remaining_s / 60) if run and not gone else 0,
        "layer_num": run.layer if run else 0,
        "total_layer_num": run.sliced.layers if run else 0,
        "gcode_file": f"/data/Metadata/plate_{run.plate}.gcode"
        if run and machine.profile.full_reports
        else name,
        "subtask_name": run.title if run else "",
        "subtask_id": (run.key or "0") if run else "0",
        "task_id": (run.key or "0") if run else "0",
        "gcode_start_time": str(int(run.started_at)) if run else "0",
    }


def ams(machine: Machine) -> dict[str, Any]:
    """The filament units as `print.ams`."""
    units = []
    bits = 0
    for unit in range(machine.profile.units):
        trays = []
        for slot in range(4):
            spool = machine.slots.get(unit * 4 + slot)
            trays.append(_tray(slot, spool))
            bits |= (1 << unit * 4 + slot) if spool else 0
        units.append({"id": str(unit), "humidity": "4", "temp": "24.6", "tray": trays})
    return {
        "ams": units,
        "ams_exist_bits": f"{(1 << machine.profile.units) - 1:x}",
        "tray_exist_bits": f"{bits:x}",
        "tray_now": "255",
    }


def _tray(slot: int, spool: Spool | None) -> dict[str, Any]:
    if spool is None:
        return {"id": str(slot)}
    return {
        "id": str(slot),
        "tray_type": spool.material,
        "tray_sub_brands": f"{spool.material} Basic",
        "tray_info_idx": "GFA00",
        "tray_color": spool.color.lstrip("#").upper() + "FF",
        "remain": round(spool.remain * 100) if spool.tag else -1,
        "tag_uid": (spool.tag or "0" * 32)[:16],
        "tray_uuid": spool.tag or "0" * 32,
        "tray_weight": "1000",
    }


def changes(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """The keys of `now` that differ; of the filament units only the slots that differ."""
    changed = {key: value for key, value in now.items() if before.get(key) != value}
    if "ams" in changed and "ams" in before:
        changed["ams"] = _ams_changes(before["ams"], now["ams"])
    return changed


def _ams_changes(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    units = []
    for old, new in zip(before["ams"], now["ams"], strict=True):
        trays = [tray for was, tray in zip(old["tray"], new["tray"], strict=True) if was != tray]
        if trays:
            units.append({"id": new["id"], "tray": trays})
    return {"ams": units, "tray_exist_bits": now["tray_exist_bits"]}
