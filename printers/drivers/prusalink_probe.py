"""A first look at a PrusaLink: which product and printer it is, and whether files could go there."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from printers.drivers.driver import Detected, DriverError, Trouble
from printers.drivers.prusalink_http import PrusaLinkHttp
from printers.drivers.prusalink_status import raw_state
from printers.drivers.readings import items, mapping, number, text, whole
from printers.drivers.web import Refused

PI_STORAGE = "local"
_WRITABLE = ("usb", PI_STORAGE)
# What is asked for as "prusa-mk4" or "PrusaMINI" where nobody has given the printer another network name.
_HOSTNAME = re.compile(r"prusa[-_ ]?(mini|mk3\.?5s?|mk3\.?9s?|mk4s?|xl|core[-_]?one(?:[-_]?l)?)", re.I)
# The service's names of its printers: "PrusaLink I3MK3S".
_PRINTER = re.compile(r"PrusaLink I3(MK\w{1,6})", re.I)
_MMU = "It has an MMU. PrusaLink does not tell what is loaded in it, so it counts as one slot here."
_DOTTED = {"mk35": "MK3.5", "mk39": "MK3.9", "mk25": "MK2.5"}


@dataclass(frozen=True, slots=True)
class Storage:
    """Where files go. `path` has no slashes; `free` is in bytes, None where the product does not tell it."""

    path: str
    free: int | None = None


def storage_of(said: dict[str, Any]) -> Storage:
    """The storage to use of an answer of /api/v1/storage; Trouble.STORAGE if files can go nowhere."""
    usable = [entry for entry in map(mapping, items(said.get("storage_list"), 16)) if _takes_files(entry)]
    usable.sort(key=lambda entry: _path(entry) not in _WRITABLE)
    if not usable:
        raise DriverError(
            Trouble.STORAGE, "There is no USB drive in the printer. Put one in: files for printing go there."
        )
    chosen = usable[0]
    # A product that does not measure its storage says 0 for both.
    is_measured = bool(whole(chosen.get("total_space"), 0, 1 << 50))
    return Storage(_path(chosen), whole(chosen.get("free_space"), 0, 1 << 50) if is_measured else None)


def detected(http: PrusaLinkHttp) -> Detected:
    """Ask everything a set-up page wants to know; DriverError with what to mend."""
    version = http.get("/api/version")
    name = text(version.get("text") or version.get("server"), 80)
    if not name.lower().startswith("prusalink"):
        other = "OctoPrint" if "octoprint" in name.lower() else "something else"
        raise DriverError(
            Trouble.WRONG_PROTOCOL,
            f"It answers there, but it is {other}, not PrusaLink. Check address and port.",
        )
    try:
        info = http.get("/api/v1/info")
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        words = "This PrusaLink is too old. Update the printer's firmware, or PrusaLink on the Raspberry Pi."
        raise DriverError(Trouble.WRONG_PROTOCOL, words) from refused
    status = http.get("/api/v1/status")
    health = mapping(mapping(status.get("printer")).get("status_printer"))
    if health.get("ok") is False and raw_state(status) != "ATTENTION":
        why = text(health.get("message"), 200) or "no reason given"
        raise DriverError(
            Trouble.NOT_READY, f"PrusaLink runs, but the printer behind it is not ready: {why}."
        )
    storage_of(http.get("/api/v1/storage"))
    serial = text(info.get("serial"), 60)
    return Detected(
        model=_model(version, info),
        firmware=text(version.get("firmware"), 80) or name,
        name=text(info.get("name") or info.get("hostname") or version.get("hostname"), 80),
        serial=serial,
        machine_key=f"prusa:{serial}" if len(serial.strip("0-")) > 5 else "",
        fingerprint=http.fingerprint,
        nozzle_mm=number(info.get("nozzle_diameter") or version.get("nozzle_diameter"), 0.05, 3),
        warnings=(_MMU,) if info.get("mmu") is True else (),
    )


def _takes_files(entry: dict[str, Any]) -> bool:
    return bool(_path(entry)) and entry.get("available") is not False and entry.get("read_only") is not True


def _path(entry: dict[str, Any]) -> str:
    return text(entry.get("path"), 40).strip("/")


def _model(version: dict[str, Any], info: dict[str, Any]) -> str:
    """The printer's model, where the product tells it or its network name still does; else empty."""
    told = _PRINTER.search(text(version.get("original"), 80))
    named = _HOSTNAME.fullmatch(text(info.get("hostname") or version.get("hostname"), 80))
    found = told or named
    if not found:
        return ""
    short = re.sub(r"[-_.]", "", found.group(1)).lower()
    if short.startswith("coreone"):
        return "Prusa CORE One" + (" L" if short.endswith("l") else "")
    dotted = _DOTTED.get(short[:4])
    return f"Prusa {dotted + short[4:].upper() if dotted else short.upper()}"
