"""Bambu's reports put together: full ones and deltas, by the merge rule of facts 1.5."""

from typing import Any

from printers.drivers.readings import items, mapping, text, whole

# Only what is read later is kept, so that no stream of reports can fill the memory.
_KEPT = frozenset(
    {
        "gcode_state", "mc_percent", "mc_remaining_time", "layer_num", "total_layer_num",
        "gcode_file", "subtask_name", "subtask_id", "print_type", "stg_cur", "print_error", "hms",
        "nozzle_temper", "nozzle_target_temper", "bed_temper", "bed_target_temper",
        "chamber_temper", "cooling_fan_speed", "big_fan1_speed", "big_fan2_speed",
        "heatbreak_fan_speed", "nozzle_diameter", "sdcard", "home_flag", "fun", "ams", "vt_tray",
        "vir_slot", "device", "spd_lvl", "lights_report",
    }
)  # fmt: skip
_WHOLE_SIGNS = ("gcode_state", "mc_percent", "nozzle_temper", "bed_temper", "hms")
_DEEPEST = 8
_MOST = 64
_BY_ID = frozenset({("ams", "ams"), ("ams", "ams", "tray"), ("vir_slot",)})
_EMPTIED = frozenset({"id", "state"})

Path = tuple[str, ...]


class Reports:
    """All that a printer has told so far; `full` once it has told everything."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.full = False

    def take(self, push: dict[str, Any]) -> None:
        """Merge one push_status. A key that is missing keeps its value; a full report replaces lists."""
        whole_report = push.get("msg") == 0 or (
            "msg" not in push and all(sign in push for sign in _WHOLE_SIGNS)
        )
        kept = {key: value for key, value in push.items() if key in _KEPT}
        before = self.told
        self.told = _object(before, kept, (), whole_report)
        self._keep_layers(before, kept)
        # A P1 has been seen to answer pushall with msg 0 before it knew its own state.
        self.full = self.full or (whole_report and bool(text(self.told.get("gcode_state"))))

    def _keep_layers(self, before: dict[str, Any], kept: dict[str, Any]) -> None:
        """The count of layers falls to 0 at the end of a print on some machines: keep it for that print."""
        same = text(before.get("subtask_id")) == text(self.told.get("subtask_id"))
        if same and "total_layer_num" in kept and not whole(kept["total_layer_num"], 0, 1 << 30):
            self.told["total_layer_num"] = before.get("total_layer_num", 0)


def _object(old: dict[str, Any], new: dict[str, Any], path: Path, afresh: bool) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        if key not in merged and len(merged) >= _MOST:
            continue
        merged[key] = _value(merged.get(key), value, (*path, key), afresh)
    return merged


def _value(old: object, new: object, path: Path, afresh: bool) -> object:
    if len(path) >= _DEEPEST:
        return None
    if isinstance(old, dict | list) and type(new) is not type(old):
        return old
    if isinstance(new, dict):
        return _object(mapping(old), new, path, afresh)
    if isinstance(new, list) and path in _BY_ID:
        return _by_id([] if afresh else items(old), new, path, afresh)
    return new[:_MOST] if isinstance(new, list) else new


def _by_id(old: list[Any], new: list[Any], path: Path, afresh: bool) -> list[Any]:
    merged = {text(mapping(entry).get("id")): entry for entry in old}
    for entry in new[:_MOST]:
        if not isinstance(entry, dict):
            continue
        number = text(entry.get("id"))
        # A slot that comes with nothing but its number has been emptied.
        emptied = path != ("ams", "ams") and entry.keys() <= _EMPTIED
        known = {} if emptied else mapping(merged.get(number))
        if number and (number in merged or len(merged) < _MOST):
            merged[number] = _object(known, entry, path, afresh)
    return list(merged.values())
