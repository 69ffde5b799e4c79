"""Light, speed and fans of Bambu printers: what is set, and the messages that set it (facts 1.6, 1.11).

Which fan a line of G-code means (M106 P1, P2, P3: part, auxiliary, chamber) is as the maker's profiles say.
"""

from typing import Any

from printers.drivers.adjusting import PERCENTS, Adjustable, nearest
from printers.drivers.readings import items, mapping, text, whole

SPEEDS = {"silent": 1, "standard": 2, "sport": 3, "ludicrous": 4}
FANS = {"part_fan": 1, "aux_fan": 2, "chamber_fan": 3}
_OF_STATUS = {"part": "part_fan", "aux": "aux_fan", "chamber": "chamber_fan"}
ADJUSTABLE: Adjustable = {
    "light": ("off", "on"),
    "speed": tuple(SPEEDS),
    **dict.fromkeys(FANS, PERCENTS),
}
_LIGHT = {"led_on_time": 500, "led_off_time": 500, "loop_times": 0, "interval_time": 0}


def order(name: str, value: str) -> tuple[str, dict[str, Any]]:
    """Group and body of the message that sets `name`, one of ADJUSTABLE, to `value`."""
    if name == "light":
        return "system", {"command": "ledctrl", "led_node": "chamber_light", "led_mode": value, **_LIGHT}
    if name == "speed":
        return "print", {"command": "print_speed", "param": str(SPEEDS[value])}
    duty = round(int(value) * 255 / 100)
    return "print", {"command": "gcode_line", "param": f"M106 P{FANS[name]} S{duty}\n"}


def adjusted(told: dict[str, Any], fans: dict[str, int]) -> dict[str, str]:
    """What is set now, by the reports; `fans` as in Status. What the printer does not tell is left out."""
    found = {}
    for entry in items(told.get("lights_report"), 8):
        light = mapping(entry)
        if light.get("node") == "chamber_light" and (mode := text(light.get("mode"), 10)):
            found["light"] = "off" if mode == "off" else "on"
    speed = whole(told.get("spd_lvl"), 1, 4)
    for name, level in SPEEDS.items():
        if level == speed:
            found["speed"] = name
    return found | {_OF_STATUS[fan]: nearest(share) for fan, share in fans.items() if fan in _OF_STATUS}
