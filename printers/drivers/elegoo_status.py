"""An Elegoo printer's Status made ours (facts 5.3), in the numbering of the vendor's library (elegoo-link).

`CurrentStatus`, what the machine does, decides; `PrintInfo.Status`, how far a print is, is believed beside it
only: it stays as it was when the print is over, and some firmware rests at 20 through a whole print. Older
tables in hobby code number these states differently and are wrong for the Centauri.
"""

from typing import Any

from printers.drivers import elegoo_errors
from printers.drivers.driver import DriverError, Fault, Heat, MachineState, Outcome, Status, Trouble
from printers.drivers.readings import base_name, celsius, items, mapping, number, text, whole

M = MachineState

IDLE, ACTIVE, TRANSFER, CHECKING_FILE = 0, 1, 2, 8
# CurrentStatus without 1; TRANSFER counts only where nothing else is said.
MACHINE: dict[int, MachineState] = {
    IDLE: M.IDLE,
    TRANSFER: M.BUSY,
    3: M.BUSY,  # exposure test, resin
    4: M.BUSY,  # self check
    5: M.BUSY,  # levelling
    6: M.BUSY,  # resonance test
    7: M.BUSY,
    CHECKING_FILE: M.PREPARING,
    9: M.BUSY,  # homing
    10: M.BUSY,  # filament out
    11: M.BUSY,  # PID tuning
    12: M.BUSY,  # recovery
}

# PrintInfo.Status while CurrentStatus has 1.
PRINT: dict[int, tuple[MachineState, Outcome | None]] = {
    0: (M.PREPARING, None),
    1: (M.PREPARING, None),  # homing
    5: (M.PAUSED, None),  # pausing
    6: (M.PAUSED, None),
    7: (M.BUSY, None),  # stopping: it still moves, and its end is told by 8
    8: (M.FINISHED, Outcome.CANCELLED),
    9: (M.FINISHED, Outcome.COMPLETED),
    10: (M.PREPARING, None),  # file check
    11: (M.PREPARING, None),  # printer check
    12: (M.PRINTING, None),  # resuming
    13: (M.PRINTING, None),
    14: (M.ERROR, Outcome.FAILED),
    15: (M.PREPARING, None),  # levelling
    16: (M.PREPARING, None),  # preheating
    17: (M.PREPARING, None),  # resonance test
    18: (M.PREPARING, None),  # started
    19: (M.PREPARING, None),  # levelled
    20: (M.PREPARING, None),  # preheated
    21: (M.PREPARING, None),  # homed
    22: (M.PREPARING, None),  # resonance tested
    23: (M.BUSY, None),  # filament in
    24: (M.BUSY, None),  # filament out
    25: (M.ERROR, None),  # filament out went wrong
    26: (M.PAUSED, None),
}
# The steps before a print, at one of which some firmware rests while it prints.
STEPS = frozenset({1, 15, 16, 17, 18, 19, 20, 21, 22})
# PrintInfo.Status of an idle machine: how the last print ended. Others are left over and mean nothing.
ENDS = {7: Outcome.CANCELLED, 8: Outcome.CANCELLED, 9: Outcome.COMPLETED, 14: Outcome.FAILED}

_RUNNING = frozenset({M.PREPARING, M.PRINTING, M.PAUSED})
_FANS = {"ModelFan": "part", "AuxiliaryFan": "aux", "BoxFan": "chamber"}
_MOST_LAYERS = 1_000_000
_WEEKS_S = 60 * 86400
_ALL_BUT_DONE = 99


def status_of(told: dict[str, Any], reason: int = 0) -> Status:
    """The picture that `told` (the Status object) gives; `reason` is the task's ErrorStatusReason, if asked.

    DriverError if it says nothing of the machine's state.
    """
    info = mapping(told.get("PrintInfo"))
    codes, step = _codes(told.get("CurrentStatus")), whole(info.get("Status"), 0, 1 << 16)
    layer = whole(info.get("CurrentLayer"), 0, _MOST_LAYERS)
    state, outcome = _state(codes, step, layer)
    file = base_name(info.get("Filename"))
    elapsed_s = number(info.get("CurrentTicks"), 0, _WEEKS_S)
    total_s = number(info.get("TotalTicks"), 0, _WEEKS_S)
    shown = state in _RUNNING or outcome is not None
    return Status(
        state=state,
        outcome=outcome,
        raw_state=_raw(codes, step),
        progress=_progress(info, elapsed_s, total_s, outcome) if shown else None,
        remaining_s=_remaining(elapsed_s, total_s) if state in _RUNNING else None,
        elapsed_s=int(elapsed_s) if shown and elapsed_s is not None else None,
        file=file,
        job_key=job_key(task_of(told), file),
        layer=layer if shown else None,
        layers=whole(info.get("TotalLayer"), 0, _MOST_LAYERS) or None if shown else None,
        nozzles=_heats(told, "Nozzle"),
        bed=_heat(told, "Hotbed"),
        chamber=_heat(told, "Box"),
        fans=_fans(told.get("CurrentFanSpeed")),
        faults=tuple(_faults(info, state, outcome, reason, _raw(codes, step))),
        seen_moving=_seen_moving(info, ACTIVE in codes, outcome),
    )


def task_of(told: dict[str, Any]) -> str:
    """The TaskId of the current or last print: a UUID, another one for each run; may be empty."""
    return text(mapping(told.get("PrintInfo")).get("TaskId"), 64)


def job_key(task: str, file: str) -> str:
    """A print's identity; it begins with a colon where only the file's name is known."""
    return f"{task}:{file}" if task or file else ""


def _codes(said: object) -> list[int]:
    """CurrentStatus, a list of numbers; negative for what is none."""
    if said is None:
        raise DriverError(Trouble.NONSENSE, "The printer answers without its state.")
    told = items(said, 16) if isinstance(said, list) else [said]
    found = [whole(code, -1, 1 << 16) for code in told]
    return [-1 if code is None else code for code in found]


def _state(codes: list[int], step: int | None, layer: int | None) -> tuple[MachineState, Outcome | None]:
    if ACTIVE in codes:
        state, outcome = PRINT.get(-1 if step is None else step, (M.UNKNOWN, None))
        return (M.PRINTING, None) if step in STEPS and layer else (state, outcome)
    told = [code for code in codes if code != TRANSFER] or codes
    if not told or any(code not in MACHINE for code in told):
        return M.UNKNOWN, None
    busy = [code for code in told if code != IDLE]
    if busy:
        return MACHINE[CHECKING_FILE if CHECKING_FILE in busy else busy[0]], None
    outcome = ENDS.get(-1 if step is None else step)
    return (M.FINISHED, outcome) if outcome else (M.IDLE, None)


def _seen_moving(info: dict[str, Any], is_active: bool, outcome: Outcome | None) -> bool:
    """Whether an end is surely that of the print it stands beside: a new print begins beside the old step.

    Unsure while the machine is active, of a completed print that is told not to be at its end, and of another
    end before the first layer. A print once seen to move is ended by them all the same.
    """
    if outcome is None:
        return True
    progress, layer = number(info.get("Progress"), 0, 100), number(info.get("CurrentLayer"), 0, _MOST_LAYERS)
    if is_active:
        return False
    if outcome is Outcome.COMPLETED:
        return progress is None or progress >= _ALL_BUT_DONE
    return bool(progress or layer)


def _raw(codes: list[int], step: int | None) -> str:
    return f"{','.join(map(str, codes))}/{'' if step is None else step}"


def _progress(
    info: dict[str, Any], elapsed_s: float | None, total_s: float | None, outcome: Outcome | None
) -> float | None:
    """0 to 1: what is told, else by time, else by layers."""
    if outcome is Outcome.COMPLETED:
        return 1.0
    if (told := number(info.get("Progress"), 0, 100)) is not None:
        return told / 100
    if total_s and elapsed_s is not None:
        return min(1.0, elapsed_s / total_s)
    layer = number(info.get("CurrentLayer"), 0, _MOST_LAYERS)
    layers = number(info.get("TotalLayer"), 0, _MOST_LAYERS)
    return min(1.0, layer / layers) if layers and layer is not None else None


def _remaining(elapsed_s: float | None, total_s: float | None) -> int | None:
    """Ticks are seconds on a filament printer (milliseconds on resin ones, which are not driven)."""
    return int(max(0.0, total_s - elapsed_s)) if total_s and elapsed_s is not None else None


def _heat(told: dict[str, Any], where: str) -> Heat | None:
    now_c = celsius(told.get(f"TempOf{where}"))
    return None if now_c is None else Heat(now_c, celsius(told.get(f"TempTarget{where}")) or 0.0)


def _heats(told: dict[str, Any], where: str) -> tuple[Heat, ...]:
    heat = _heat(told, where)
    return (heat,) if heat else ()


def _fans(said: object) -> dict[str, int]:
    shares = {name: whole(mapping(said).get(field), 0, 100) for field, name in _FANS.items()}
    return {name: share for name, share in shares.items() if share is not None}


def _faults(
    info: dict[str, Any], state: MachineState, outcome: Outcome | None, reason: int, raw: str
) -> list[Fault]:
    faults = []
    if said := whole(info.get("ErrorNumber"), 0, 1 << 31):
        faults.append(elegoo_errors.error(said))
    if reason:
        faults.append(elegoo_errors.reason(reason))
    if not faults and (state is M.ERROR or outcome is Outcome.FAILED):
        faults.append(Fault("print error", "The print ended with an error. The printer's screen says more."))
    if state is M.UNKNOWN:
        faults.append(Fault("unknown state", f"The printer reports a state that is not known here: {raw}."))
    return faults
