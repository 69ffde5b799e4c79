"""PrusaLink's status made a Status.

Names and states: the firmware's status_renderer.cpp and basic_gets.cpp (Prusa-Firmware-Buddy), the service's
own specification (Prusa-Link-Web, spec/openapi.yaml); every field is optional, as the two products differ.
"""

from typing import Any

from printers.drivers.driver import Fault, Heat, MachineState, Outcome, Status
from printers.drivers.readings import celsius, mapping, number, text, whole

# printer.state; "PRINTING" is refined by the temperatures, "ATTENTION" by whether there is a job.
STATES: dict[str, tuple[MachineState, Outcome | None]] = {
    "IDLE": (MachineState.IDLE, None),
    "READY": (MachineState.IDLE, None),
    "BUSY": (MachineState.BUSY, None),
    "PRINTING": (MachineState.PRINTING, None),
    "PAUSED": (MachineState.PAUSED, None),
    "FINISHED": (MachineState.FINISHED, Outcome.COMPLETED),
    "STOPPED": (MachineState.FINISHED, Outcome.CANCELLED),
    "ERROR": (MachineState.ERROR, Outcome.FAILED),
    "ATTENTION": (MachineState.PAUSED, None),
}
_ASKS = "The printer asks something on its own screen: it waits for a person there."
_STOPPED = "The printer shows an error on its own screen and has to be restarted."
_SHOWS_PROGRESS = (MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED)
_COLD_C = 3.0
_WEEKS_S = 60 * 86400


def job_number(said: dict[str, Any]) -> str:
    """The id of the job in a status, empty where there is none: the firmware forgets it when a print ends."""
    return text(mapping(said.get("job")).get("id"), 20)


def raw_state(said: dict[str, Any]) -> str:
    return text(mapping(said.get("printer")).get("state"), 40)


def away(said: str) -> Status:
    """The picture while the service runs and the printer behind it is not there."""
    return Status(MachineState.OFFLINE, raw_state=said or "printer unavailable", full=False)


def status_of(said: dict[str, Any], number_: str, file: str) -> Status:
    """The picture; `number_` and `file` are those of the job, empty without one."""
    printer, job = mapping(said.get("printer")), mapping(said.get("job"))
    raw = raw_state(said)
    state, outcome = STATES.get(raw, (MachineState.UNKNOWN, None))
    nozzle, bed = _heat(printer, "nozzle"), _heat(printer, "bed")
    share = number(job.get("progress"), 0, 100)
    if raw == "ATTENTION" and not number_:
        state = MachineState.ERROR
    if state is MachineState.PRINTING and not share and (_is_cold(nozzle) or _is_cold(bed)):
        state = MachineState.PREPARING
    shows = state in _SHOWS_PROGRESS
    progress = share / 100 if shows and share is not None else None
    return Status(
        state=state,
        outcome=outcome,
        raw_state=raw,
        progress=1.0 if outcome is Outcome.COMPLETED else progress,
        remaining_s=_remaining(job, progress) if shows else None,
        elapsed_s=whole(job.get("time_printing"), 0, _WEEKS_S),
        file=file,
        job_key=f"{number_}:{file}" if number_ else "",
        nozzles=(nozzle,) if nozzle else (),
        bed=bed,
        chamber=_chamber(printer),
        faults=tuple(_faults(printer, raw, state)),
    )


def _heat(printer: dict[str, Any], part: str) -> Heat | None:
    now_c = celsius(printer.get(f"temp_{part}"))
    return None if now_c is None else Heat(now_c, celsius(printer.get(f"target_{part}")) or 0.0)


def _is_cold(heat: Heat | None) -> bool:
    return heat is not None and heat.target_c > 0 and heat.now_c < heat.target_c - _COLD_C


def _chamber(printer: dict[str, Any]) -> Heat | None:
    """Newer firmware tells it where the machine has a sensor."""
    told = mapping(printer.get("chamber"))
    now_c = celsius(told.get("temp"))
    return None if now_c is None else Heat(now_c, celsius(told.get("target_temp")) or 0.0)


def _remaining(job: dict[str, Any], progress: float | None) -> int | None:
    """Missing or 0 in the first minutes, when nothing is known yet."""
    left = whole(job.get("time_remaining"), 0, _WEEKS_S)
    return left if left or (progress or 0.0) >= 0.99 else None


def _faults(printer: dict[str, Any], raw: str, state: MachineState) -> list[Fault]:
    health = mapping(printer.get("status_printer"))
    said = text(health.get("message"), 400) if health.get("ok") is False else ""
    if raw == "ATTENTION":
        return [Fault("attention", said or _ASKS)]
    if state is MachineState.ERROR:
        return [Fault("error", said or _STOPPED)]
    if state is MachineState.UNKNOWN:
        words = f"The printer reports a state that is not known here: {raw or 'none'}."
        return [Fault("unknown state", words)]
    return [Fault("printer", said)] if said else []
