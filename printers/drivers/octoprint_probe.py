"""A first look at an OctoPrint: what stands behind it, what the key may do, and what may get in the way."""

from typing import Any

from printers.drivers.driver import Detected, DriverError, MachineState, Trouble
from printers.drivers.octoprint_http import OctoPrintHttp
from printers.drivers.octoprint_status import job_of, machine_state
from printers.drivers.readings import items, mapping, number, text
from printers.drivers.web import Refused

# Others that answer as OctoPrint does, for slicers; each has a protocol of its own here.
_IMITATORS = {"moonraker": "Klipper (Moonraker)", "prusalink": "PrusaLink"}
# OctoPrint's permissions, and what is done with them. Without the first a print cannot be brought to its end.
_NEEDED = {
    "STATUS": "see the printer's state",
    "FILES_LIST": "list files",
    "FILES_UPLOAD": "upload files",
    "FILES_SELECT": "select files",
    "FILES_DELETE": "delete files",
    "PRINT": "start, pause and cancel prints",
}
_WANTED = {"CONTROL": "send the emergency stop", "CONNECTION": "connect to the printer again after an error"}
# What the printer profile is called until somebody names it.
_UNNAMED = ("generic reprap printer", "default")


def detected(http: OctoPrintHttp) -> Detected:
    """Ask everything a set-up page wants to know; DriverError with what to mend."""
    version = mapping(http.get("/api/version"))
    _refuse_imitators(http, text(version.get("text")), text(version.get("server")))
    warnings = _check_rights(http)
    _refuse_unless_connected(http)
    profile = _profile(http)
    volume = mapping(profile.get("volume"))
    settings = _asked(http, "/api/settings")
    return Detected(
        model=_named(profile.get("model")),
        firmware=text(version.get("text"), 80),
        name=_named(mapping(settings.get("appearance")).get("name")) or _named(profile.get("name")),
        machine_key=_machine_key(settings),
        fingerprint=http.fingerprint,
        nozzle_mm=number(mapping(profile.get("extruder")).get("nozzleDiameter"), 0.05, 3),
        bed_mm=_bed(volume),
        warnings=tuple(warnings),
    )


def _refuse_imitators(http: OctoPrintHttp, said: str, server: str) -> None:
    for name, protocol in _IMITATORS.items():
        if name in said.lower():
            words = (
                f"This is {name.title()}, which only answers like OctoPrint. Choose {protocol} as protocol."
            )
            raise DriverError(Trouble.WRONG_PROTOCOL, words)
    if not server or "octoprint" not in said.lower():
        raise DriverError(Trouble.WRONG_PROTOCOL, f"{http.place} answers, but it is not OctoPrint.")


def _check_rights(http: OctoPrintHttp) -> list[str]:
    """What the key's user may not do but should, as warnings; DriverError if no print would come of it."""
    told = _asked(http, "/api/currentuser")
    if "permissions" not in told:
        return []
    may = {text(one) for one in items(told.get("permissions"), 500)}
    if "ADMIN" in may:
        return []
    missing = [words for right, words in _NEEDED.items() if right not in may]
    if missing:
        raise DriverError(
            Trouble.CREDENTIALS,
            f"The API key is right, but its user may not {', '.join(missing)}. "
            "Give the user these permissions in OctoPrint's settings, under Access Control.",
        )
    return [f"The API key's user may not {words}." for right, words in _WANTED.items() if right not in may]


def _refuse_unless_connected(http: OctoPrintHttp) -> None:
    job = job_of(http.get("/api/job"))
    try:
        http.get("/api/printer", exclude="temperature,sd")
    except Refused as refused:
        if refused.trouble is Trouble.CREDENTIALS:
            raise
        why = f"{job.state} ({job.error})" if job.error else job.state or "no reason given"
        hint = "Switch the printer on and press Connect in OctoPrint."
        if machine_state({}, job) is MachineState.BUSY:
            hint = "Try again in a moment."
        raise DriverError(
            Trouble.NOT_READY, f"OctoPrint runs, but the printer behind it is not ready: {why}. {hint}"
        ) from None


def _profile(http: OctoPrintHttp) -> dict[str, Any]:
    """The printer profile in use; empty if the key's user may not see it."""
    current = mapping(_asked(http, "/api/connection").get("current"))
    profiles = mapping(_asked(http, "/api/printerprofiles").get("profiles"))
    chosen = mapping(profiles.get(text(current.get("printerProfile"))))
    return chosen or next((mapping(one) for one in profiles.values() if mapping(one).get("current")), {})


def _asked(http: OctoPrintHttp, path: str) -> dict[str, Any]:
    """An answer that one can do without."""
    try:
        return mapping(http.get(path))
    except Refused:
        return {}


def _named(said: object) -> str:
    name = text(said, 80).strip()
    return "" if name.lower() in _UNNAMED else name


def _bed(volume: dict[str, Any]) -> tuple[float, float, float] | None:
    """The printer profile's volume; a round bed is as deep as it is wide. None if it was not told."""
    width, height = number(volume.get("width"), 0, 3000), number(volume.get("height"), 0, 3000)
    depth = width if volume.get("formFactor") == "circular" else number(volume.get("depth"), 0, 3000)
    return (width, depth, height) if width and depth and height else None


def _machine_key(settings: dict[str, Any]) -> str:
    """The id this installation has given itself; it has one printer. Empty if it tells none."""
    discovery = mapping(mapping(settings.get("plugins")).get("discovery"))
    return text(discovery.get("upnpUuid"), 64)
