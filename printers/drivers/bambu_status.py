"""What a Bambu printer has told, made a Status (facts 1.6, 1.7 and 1.9)."""

from dataclasses import replace
from typing import Any

from printers.drivers.bambu_adjusting import adjusted
from printers.drivers.bambu_errors import (
    CANCEL_ECHOES,
    DEVELOPER_MODE,
    FAULT_PAUSES,
    NO_STAGE,
    error_code,
    health,
    prepares,
    print_error,
)
from printers.drivers.driver import Fault, Heat, MachineState, Outcome, Status, Tray
from printers.drivers.readings import base_name, celsius, flags, items, mapping, number, text, whole

# print.gcode_state of firmware 01.04 to 01.08 (A1 mini, P1S, X1C); some are refined below.
STATES = {
    "IDLE": MachineState.IDLE,
    "INIT": MachineState.BUSY,
    "PREPARE": MachineState.PREPARING,
    "SLICING": MachineState.PREPARING,
    "RUNNING": MachineState.PRINTING,
    "PAUSE": MachineState.PAUSED,
    "FINISH": MachineState.FINISHED,
    "FAILED": MachineState.FINISHED,
    "OFFLINE": MachineState.OFFLINE,
}
EXTERNAL_SLOT = 254
FIRST_SINGLE_SLOT_UNIT = 128
_ACTIVE = (MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED)
_NO_CHAMBER_SENSOR_C = 5.0
_FANS = {
    "cooling_fan_speed": "part",
    "big_fan1_speed": "aux",
    "big_fan2_speed": "chamber",
    "heatbreak_fan_speed": "heatbreak",
}
_DUCTS = {1: "part", 2: "aux", 3: "chamber", 10: "left aux"}


def status_of(told: dict[str, Any], *, full: bool, cancelled: bool, locked: bool) -> Status:
    """The picture in `told`; `cancelled` if the last print is known to have been so."""
    raw = text(told.get("gcode_state")).upper()
    state, outcome = _state(raw, told, cancelled)
    active = state in _ACTIVE
    percent = number(told.get("mc_percent"), 0, 100)
    minutes = whole(told.get("mc_remaining_time"), 0, 60 * 24 * 90)
    fans = _fans(told)
    return Status(
        state=state,
        outcome=outcome,
        raw_state=raw,
        progress=_progress(state, outcome, percent),
        remaining_s=minutes * 60 if active and minutes is not None else None,
        file=file_of(told),
        job_key=job_key(told),
        layer=whole(told.get("layer_num"), 0, 1_000_000),
        layers=whole(told.get("total_layer_num"), 0, 1_000_000),
        nozzles=_nozzles(told),
        bed=_heat(told, "bed", "bed"),
        chamber=_chamber(told),
        fans=fans,
        faults=tuple(_faults(told, raw, state, locked)),
        trays=tuple(_trays(told)),
        full=full,
        adjusted=adjusted(told, fans),
    )


def job_key(told: dict[str, Any]) -> str:
    """subtask_id; prints by hand and some firmware tell 0 there, then a name must do."""
    number_of_job = text(told.get("subtask_id"))
    if number_of_job not in ("", "0"):
        return number_of_job
    return text(told.get("subtask_name")) or base_name(told.get("gcode_file"))


def file_of(told: dict[str, Any]) -> str:
    """The file's name on the printer; where only the plate inside is told, the job's name is the file's."""
    name, title = base_name(told.get("gcode_file")), text(told.get("subtask_name"))
    inside = not name or (name.startswith("plate_") and name.endswith(".gcode"))
    return f"{title}.gcode.3mf" if inside and title else name


def _state(raw: str, told: dict[str, Any], cancelled: bool) -> tuple[MachineState, Outcome | None]:
    state = STATES.get(raw, MachineState.UNKNOWN)
    stage = whole(told.get("stg_cur"), -1, 1000)
    stage = -1 if stage is None else stage
    if raw == "IDLE" and stage not in NO_STAGE:
        return MachineState.BUSY, None
    if raw == "RUNNING" and prepares(stage) and not whole(told.get("layer_num"), 0, 1_000_000):
        return MachineState.PREPARING, None
    if raw == "FINISH":
        return state, Outcome.COMPLETED
    if raw == "FAILED":
        if cancelled or error_code(told.get("print_error")) in CANCEL_ECHOES:
            return state, Outcome.CANCELLED
        return (MachineState.ERROR if print_error(told.get("print_error")) else state), Outcome.FAILED
    return state, None


def _progress(state: MachineState, outcome: Outcome | None, percent: float | None) -> float | None:
    if outcome is Outcome.COMPLETED:
        return 1.0
    return percent / 100 if state in _ACTIVE and percent is not None else None


def _faults(told: dict[str, Any], raw: str, state: MachineState, locked: bool) -> list[Fault]:
    faults = [fault] if (fault := print_error(told.get("print_error"))) else []
    faults += health(told.get("hms"))
    stage = whole(told.get("stg_cur"), -1, 1000) or 0
    if state is MachineState.PAUSED and stage in FAULT_PAUSES:
        faults.append(Fault(f"stage {stage}", FAULT_PAUSES[stage]))
    if state is MachineState.UNKNOWN and raw:
        faults.append(Fault("unknown state", f"The printer reports a state that is not known here: {raw}."))
    if locked:
        faults.append(Fault("developer mode", DEVELOPER_MODE))
    return faults


def _packed(value: object) -> Heat | None:
    """Newer machines tell a temperature and its target as the halves of one number."""
    found = flags(value)
    return (
        None
        if found is None
        else Heat(float(min(600, found & 0xFFFF)), float(min(600, found >> 16 & 0xFFFF)))
    )


def _device(told: dict[str, Any], part: str) -> dict[str, Any]:
    return mapping(mapping(told.get("device")).get(part))


def _heat(told: dict[str, Any], part: str, flat: str) -> Heat | None:
    if packed := _packed(mapping(_device(told, part).get("info")).get("temp")):
        return packed
    now_c = celsius(told.get(f"{flat}_temper"))
    return None if now_c is None else Heat(now_c, celsius(told.get(f"{flat}_target_temper")) or 0.0)


def _nozzles(told: dict[str, Any]) -> tuple[Heat, ...]:
    heads = [mapping(entry) for entry in items(_device(told, "extruder").get("info"), 4)]
    packed = [
        _packed(head.get("temp"))
        for head in sorted(heads, key=lambda head: whole(head.get("id"), 0, 99) or 0)
    ]
    if found := tuple(heat for heat in packed if heat):
        return found
    flat = _heat(told, "", "nozzle")
    return (flat,) if flat else ()


def _chamber(told: dict[str, Any]) -> Heat | None:
    heat = _heat(told, "ctc", "chamber")
    # Machines without a sensor tell this very value for ever.
    return None if heat and heat.now_c == _NO_CHAMBER_SENSOR_C else heat


def _fans(told: dict[str, Any]) -> dict[str, int]:
    fans = {}
    for field, name in _FANS.items():
        speed = number(told.get(field), 0, 15)
        if speed is not None:
            fans[name] = round(speed * 100 / 15)
    for entry in items(_device(told, "airduct").get("parts"), 16):
        part = whole(mapping(entry).get("id"), 0, 1 << 20) or 0
        share = whole(mapping(entry).get("state"), 0, 100)
        if share is not None and part >> 4 in _DUCTS:
            fans[_DUCTS[part >> 4]] = share
    return fans


def _trays(told: dict[str, Any]) -> list[Tray]:
    """Slots of every filament unit (unit * 4 + slot; single-slot units by their number), then spools."""
    units = mapping(told.get("ams"))
    present = flags(units.get("tray_exist_bits"), 16)
    trays = []
    for entry in items(units.get("ams"), 24):
        unit = whole(mapping(entry).get("id"), 0, 255)
        for slot in items(mapping(entry).get("tray"), 4):
            place = whole(mapping(slot).get("id"), 0, 255)
            if unit is None or place is None:
                continue
            index = unit if unit >= FIRST_SINGLE_SLOT_UNIT else unit * 4 + place
            filled = bool(present >> index & 1) if present is not None and unit < 4 else None
            tray = Tray(index) if filled is False else _tray(index, mapping(slot))
            trays.append(replace(tray, is_filled=filled))
    external = items(told.get("vir_slot"), 2) or [told.get("vt_tray")]
    trays += [
        _tray(whole(spool.get("id"), EXTERNAL_SLOT, 255) or EXTERNAL_SLOT, spool)
        for spool in map(mapping, external)
        if spool
    ]
    return trays


def _tray(index: int, said: dict[str, Any]) -> Tray:
    color, tag = text(said.get("tray_color"), 8), text(said.get("tray_uuid"), 32)
    material = text(said.get("tray_type"), 40)
    remain = number(said.get("remain"), -1, 100)
    tagged = bool(material and tag.strip("0"))
    return Tray(
        index=index,
        material=material,
        color=f"#{color[:6].upper()}"
        if material and flags(color, 16) is not None and len(color) >= 6
        else "",
        # Without a tag the printer only guesses, always 0 or 100.
        remain=remain / 100 if tagged and remain is not None and remain >= 0 else None,
        tag=tag if tagged else "",
        kind=text(said.get("tray_info_idx"), 20) if material else "",
    )
