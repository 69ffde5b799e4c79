"""Orders for Bambu printers as the bodies of MQTT messages (facts 1.11)."""

from typing import Any

from printers.drivers.bambu_status import EXTERNAL_SLOT, FIRST_SINGLE_SLOT_UNIT
from printers.drivers.driver import StartOrder, StartRefused, Trouble

URL_FORM = "ftp://{name}"
_UNUSED = {"ams_id": 255, "slot_id": 255}
_EXTERNAL = {"ams_id": 255, "slot_id": 0}
_LARGEST_ID = 2147483647


def project_file(order: StartOrder, slots: frozenset[int]) -> dict[str, Any]:
    """The body of a start; `slots` are the filled slots. StartRefused if it must not go out.

    The job's name is the file's without its ending, so that `Status.file` can be told from it on
    machines that report only the plate inside.
    """
    if not order.start_id.isdecimal() or not 0 < int(order.start_id) <= _LARGEST_ID or order.plate < 1:
        raise StartRefused(Trouble.REFUSED, "The order to print is not sound: it has no usable number.")
    flat, pairs = _mapping(order.tray_map, slots)
    title = order.remote_name.removesuffix(".3mf").removesuffix(".gcode")
    return {
        "command": "project_file",
        "param": f"Metadata/plate_{order.plate}.gcode",
        "url": URL_FORM.format(name=order.remote_name),
        "file": order.remote_name,
        "md5": order.plate_md5,
        "subtask_name": title,
        "project_id": order.start_id,
        "task_id": order.start_id,
        "subtask_id": order.start_id,
        "profile_id": "0",
        "bed_type": "auto",
        "timelapse": False,
        "bed_leveling": True,
        "bed_levelling": True,
        "auto_bed_leveling": 1,
        "flow_cali": False,
        "extrude_cali_flag": 0,
        "extrude_cali_manual_mode": 0,
        "vibration_cali": True,
        "layer_inspect": False,
        "nozzle_offset_cali": 0,
        "use_ams": any(slot >= 0 for slot in flat),
        "ams_mapping": flat,
        "ams_mapping2": pairs,
        "cfg": "0",
    }


def _mapping(
    tray_map: tuple[int | None, ...], slots: frozenset[int]
) -> tuple[list[int], list[dict[str, int]]]:
    """One entry for each filament of the project, in both notations; StartRefused for a wrong slot."""
    used = {slot for slot in tray_map if slot is not None}
    if missing := sorted(slot for slot in used if slot < EXTERNAL_SLOT and slot not in slots):
        raise StartRefused(Trouble.REFUSED, f"There is no filament in slot {missing[0] + 1} of the printer.")
    outside = {slot for slot in used if slot >= EXTERNAL_SLOT}
    if tray_map and not used:
        raise StartRefused(Trouble.REFUSED, "No filament slot was chosen for this print.")
    if outside and used - outside:
        raise StartRefused(
            Trouble.REFUSED, "The printer cannot mix the external spool with slots of the filament system."
        )
    flat: list[int] = []
    pairs: list[dict[str, int]] = []
    for slot in tray_map:
        if slot is None:
            flat.append(-1)
            pairs.append(_UNUSED)
        elif slot >= EXTERNAL_SLOT:
            flat.append(-1)
            pairs.append(_EXTERNAL)
        elif slot >= FIRST_SINGLE_SLOT_UNIT:
            flat.append(slot)
            pairs.append({"ams_id": slot, "slot_id": 0})
        else:
            flat.append(slot)
            pairs.append({"ams_id": slot // 4, "slot_id": slot % 4})
    return flat, pairs
