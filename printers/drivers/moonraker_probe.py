"""A first look at a Klipper printer: what it is, how large, and what may get in the way."""

import re

from printers.drivers.driver import Detected, DriverError, Trouble
from printers.drivers.moonraker_http import MoonrakerHttp
from printers.drivers.readings import items, mapping, number, text
from printers.drivers.web import Refused

_UNIQUE_BOARD = re.compile(r"usb-(Klipper|katapult|klipper)_\w+?_[0-9A-Za-z]{12,}")


def detected(http: MoonrakerHttp) -> Detected:
    """Ask everything a set-up page wants to know; DriverError with what to mend."""
    server = mapping(http.get("/server/info"))
    state = text(server.get("klippy_state"))
    if not state:
        raise DriverError(Trouble.WRONG_PROTOCOL, "Something answers there, but it is not Moonraker.")
    info = _info(http, state)
    if state != "ready":
        said = text(info.get("state_message"), 300) or f"it reports {state}"
        raise DriverError(Trouble.NOT_READY, f"Moonraker runs, but Klipper behind it is not ready: {said}.")
    asked = {"toolhead": ["axis_minimum", "axis_maximum"], "configfile": ["settings"]}
    objects = mapping(
        mapping(http.ask("POST", "/printer/objects/query", json={"objects": asked})).get("status")
    )
    settings = mapping(mapping(objects.get("configfile")).get("settings"))
    printer = mapping(settings.get("printer"))
    return Detected(
        model=text(printer.get("printer_model") or printer.get("model"), 80),
        firmware=text(info.get("software_version"), 80),
        name=text(info.get("hostname"), 80),
        machine_key=_machine_key(http, mapping(settings.get("mcu"))),
        fingerprint=http.fingerprint,
        nozzle_mm=number(mapping(settings.get("extruder")).get("nozzle_diameter"), 0.05, 3),
        bed_mm=_bed(mapping(objects.get("toolhead")).get("axis_maximum")),
        warnings=tuple(_warnings(http, server)),
    )


def _info(http: MoonrakerHttp, state: str) -> dict[str, object]:
    try:
        return mapping(http.get("/printer/info"))
    except Refused:
        if state == "ready":
            raise
        return {}


def _bed(limits: object) -> tuple[float, float, float] | None:
    """The reach of the axes, which is the most a bed can be; None if it was not told."""
    sides = [number(side, 0, 3000) for side in items(limits, 3)]
    if len(sides) < 3 or not all(sides):
        return None
    return sides[0] or 0.0, sides[1] or 0.0, sides[2] or 0.0


def _machine_key(http: MoonrakerHttp, board: dict[str, object]) -> str:
    """Something that stays with the machine: its host's CPU serial together with its board's own id.

    The CPU alone is not enough, since one host may run several printers; the board alone is only if its
    id is burnt in. Empty if neither is sure.
    """
    port = text(board.get("canbus_uuid") or board.get("serial"))
    try:
        system = mapping(mapping(http.get("/machine/system_info")).get("system_info"))
    except Refused:
        system = {}
    cpu = text(mapping(system.get("cpu_info")).get("serial_number"), 64).strip("0")
    if board.get("canbus_uuid") or _UNIQUE_BOARD.search(port):
        return port
    return f"{cpu}@{port}" if cpu and port else ""


def _warnings(http: MoonrakerHttp, server: dict[str, object]) -> list[str]:
    said = [f"Moonraker warns: {text(entry, 160)}" for entry in items(server.get("warnings"), 3)]
    said += [
        f"Moonraker could not load {text(entry, 60)}." for entry in items(server.get("failed_components"), 3)
    ]
    try:
        queue = mapping(http.get("/server/job_queue/status"))
    except Refused:
        return said
    if items(queue.get("queued_jobs")):
        said.append("Moonraker's own job queue is not empty and may start prints by itself. Empty it.")
    return said
