"""What a simulated Bambu printer does when it is told something over MQTT."""

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.printer import Machine, Refusal
from simulator.sliced import Sliced, Unprintable, read_plate

UNREADABLE, BUSY = 0x05004003, 0x05004004
MAPPING_WRONG, MAPPING_EXTERNAL = 0x07008012, 0x07FF8012
_URL = re.compile(r"^(?:ftp:///?|file:///(?:mnt/)?sdcard/)([^/]+)$")
_PARAM = re.compile(r"^Metadata/plate_(\d+)\.gcode$")
_NO_SOURCE = -1


class Rejected(Exception):
    """The order is not followed; `error` is what print_error shows, 0 for nothing."""

    def __init__(self, words: str, error: int = 0) -> None:
        super().__init__(words)
        self.error = error


@dataclass(frozen=True, slots=True)
class Wish:
    """A checked project_file."""

    name: str
    plate: int
    sliced: Sliced


def start(machine: Machine, order: dict[str, Any]) -> None:
    """Follow a project_file; raises Rejected. On some models a start while busy kills the running print."""
    machine.advance()
    if machine.active:
        if machine.profile.busy_start_cancels:
            machine.cancel()
        raise Rejected("busy", BUSY)
    wish = _checked(machine, order)
    slots = _slots(machine, order, wish.sliced.filaments)
    key, title = str(order.get("subtask_id", "0")), str(order.get("subtask_name", ""))
    machine.start(wish.name, wish.sliced, key=key, title=title, plate=wish.plate, slots=slots)


def _checked(machine: Machine, order: dict[str, Any]) -> Wish:
    url, param = _URL.match(str(order.get("url"))), _PARAM.match(str(order.get("param")))
    if not url or not param:
        raise Rejected("url or param", UNREADABLE)
    path, plate = machine.folder / url.group(1), int(param.group(1))
    try:
        sliced = read_plate(path, plate)
    except Unprintable as error:
        raise Rejected(str(error), UNREADABLE) from error
    if order.get("md5") and str(order["md5"]).lower() != _md5(path, plate):
        raise Rejected("md5", UNREADABLE)
    return Wish(url.group(1), plate, sliced)


def _md5(path: Path, plate: int) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with zipfile.ZipFile(path) as archive, archive.open(f"Metadata/plate_{plate}.gcode") as source:
        while piece := source.read(65536):
            digest.update(piece)
    return digest.hexdigest()


def _slots(machine: Machine, order: dict[str, Any], filaments: int) -> tuple[int, ...]:
    """The slots a print will draw from; Rejected for a mapping that the firmware does not take."""
    if order.get("use_ams") is not True:
        return ()
    mapping = order.get("ams_mapping")
    if not machine.profile.units or not isinstance(mapping, list) or len(mapping) < filaments:
        raise Rejected("AMS mapping table", MAPPING_WRONG)
    used = tuple(slot for slot in mapping if slot != _NO_SOURCE)
    if not used:
        raise Rejected("AMS mapping table", MAPPING_EXTERNAL)
    if any(not isinstance(slot, int) or machine.slots.get(slot) is None for slot in used):
        raise Rejected("AMS mapping table", MAPPING_WRONG)
    return used


_FAN = re.compile(r"^M106 P([123]) S(\d{1,3})\n?$")


def adjust(machine: Machine, command: str, param: str) -> None:
    """Speed, or a fan by a line of G-code; raises Rejected for any other line."""
    if command == "print_speed":
        if param not in {"1", "2", "3", "4"} or not machine.active:
            raise Rejected("speed")
        machine.speed_level = int(param)
    elif fan := _FAN.match(param):
        machine.fans_255[int(fan.group(1))] = min(255, int(fan.group(2)))
    else:
        raise Rejected("line")


def light(machine: Machine, body: dict[str, Any]) -> bool:
    """Whether the order for the light was sound, and is carried out."""
    if body.get("led_node") != "chamber_light" or body.get("led_mode") not in {"on", "off"}:
        return False
    machine.light = body["led_mode"] == "on"
    return True


def control(machine: Machine, command: str) -> None:
    """Pause, resume or stop; raises Rejected where the machine cannot."""
    act = {"pause": machine.pause, "resume": machine.resume, "stop": machine.cancel}[command]
    try:
        act()
    except Refusal as refusal:
        raise Rejected(str(refusal)) from refusal
