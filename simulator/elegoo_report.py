"""What a simulated Centauri Carbon tells of itself (facts 5.3), field by field as real ones do.

Attributes and the file list follow what firmware 1.4.49 was seen to send; XYZsize is as wrong as there.
"""

import uuid
from pathlib import Path
from typing import Any

from simulator.printer import MOVING, Machine, Phase, Run

_ENDS = {"completed": 1, "cancelled": 3}
_ROOM_BYTES = 6_026_862_592
RUNOUT, FAILED = 3, 19


def task_id(machine: Machine, run: Run) -> str:
    """The run's TaskId: a UUID, another one for each run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{machine.serial}:{run.number}:{run.started_at}"))


def reason_of(machine: Machine, run: Run) -> int:
    """ErrorStatusReason of a run."""
    if run is machine.run and machine.out_of_filament:
        return RUNOUT
    return FAILED if run.end not in ("", *_ENDS) else 0


def step_of(machine: Machine, rests_at_20: bool) -> int:
    """PrintInfo.Status; it stays as it is when the print is over."""
    run = machine.run
    if run is None:
        return 14 if machine.phase is Phase.ERROR else 0
    if machine.phase is Phase.PREPARING:
        return 16 if run.prepare_left_s > machine.profile.prepare_s / 2 else 20
    if machine.phase is Phase.IDLE:
        return 14 if run.end == "error" else 0
    return {
        Phase.PRINTING: 20 if rests_at_20 else 13,
        Phase.PAUSED: 6,
        Phase.FINISHED: 9,
        Phase.CANCELLED: 8,
    }.get(machine.phase, 14)


def status(machine: Machine, *, is_receiving: bool, step: int) -> dict[str, Any]:
    """The Status object; `step` is PrintInfo.Status, `is_receiving` whether a file comes in."""
    at_work = machine.active or machine.phase is Phase.ERROR
    codes = ([2] if is_receiving else []) + ([1] if at_work else [])
    nozzle_c, bed_c = machine.targets_c
    fan = 100 if machine.phase is Phase.PRINTING else 0
    return {
        "CurrentStatus": codes or [0],
        "TimeLapseStatus": 0,
        "PlatFormType": 0,
        "TempOfHotbed": machine.bed_c,
        "TempOfNozzle": machine.nozzle_c,
        "TempOfBox": 27.99248849041839,
        "TempTargetHotbed": bed_c,
        "TempTargetNozzle": nozzle_c,
        "TempTargetBox": 0,
        "CurrenCoord": "101.10,77.83,22.45",
        "CurrentFanSpeed": {
            "ModelFan": fan,
            "AuxiliaryFan": 0,
            "BoxFan": 68 if machine.phase in MOVING else 0,
        },
        "ZOffset": 1e-14,
        "LightStatus": {"SecondLight": 1, "RgbLight": [0, 0, 0]},
        "PrintInfo": _print_info(machine, step),
    }


def _print_info(machine: Machine, step: int) -> dict[str, Any]:
    run = machine.run
    if run is None:
        return {"Status": step, "CurrentLayer": 0, "TotalLayer": 0, "CurrentTicks": 0, "TotalTicks": 0,
                "Filename": "", "TaskId": "", "PrintSpeedPct": 100, "Progress": 0}  # fmt: skip
    return {
        "Status": step,
        "CurrentLayer": run.layer,
        "TotalLayer": run.sliced.layers,
        "CurrentTicks": run.elapsed_s,
        "TotalTicks": run.sliced.duration_s,
        "Filename": run.remote_name,
        "TaskId": task_id(machine, run),
        "PrintSpeedPct": 100,
        "Progress": int(run.share * 100),
    }


def attributes(machine: Machine, host: str) -> dict[str, Any]:
    return {
        "Name": machine.name,
        "MachineName": machine.profile.model,
        "BrandName": "ELEGOO",
        "ProtocolVersion": "V3.0.0",
        "FirmwareVersion": machine.profile.firmware,
        "XYZsize": "218.88x128.88x220",
        "MainboardIP": host,
        "MainboardID": machine.serial,
        "SDCPStatus": 0,
        "NetworkStatus": "wlan",
        "UsbDiskStatus": 0,
        "Capabilities": ["FILE_TRANSFER", "PRINT_CONTROL", "VIDEO_STREAM"],
        "SupportFileType": ["gcode"],
        "DevicesStatus": {"SgStatus": 1, "ZMotorStatus": 1, "XMotorStatus": 1, "YMotorStatus": 1},
        "CameraStatus": 1,
        "RemainingMemory": 0 if machine.faults.storage == "full" else _ROOM_BYTES,
    }


def file_entry(path: Path) -> dict[str, Any]:
    return {
        "name": f"/local/{path.name}",
        "type": 1,
        "CreateTime": int(path.stat().st_mtime),
        "FileSize": path.stat().st_size,
        "LayerHeight": 0,
        "TotalLayers": 0,
        "EstFilamentLength": 0,
    }


def task(machine: Machine, run: Run) -> dict[str, Any]:
    """An entry of HistoryDetailList."""
    return {
        "Thumbnail": "",
        "TaskName": run.remote_name,
        "BeginTime": int(run.started_at),
        "EndTime": int(run.ended_at or 0),
        "TaskStatus": _ENDS.get(run.end, 2 if run.end else 0),
        "SliceInformation": {},
        "AlreadyPrintLayer": run.layer,
        "TaskId": task_id(machine, run),
        "MD5": "",
        "ErrorStatusReason": reason_of(machine, run),
    }
