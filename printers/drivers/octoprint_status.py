"""What OctoPrint says made a Status.

Flags and texts: OctoPrint 1.11 (docs.octoprint.org: job, printer, files; its source for what they leave out).
Texts differ between versions, so flags come first; while the printer is away there are no flags.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from printers.drivers.driver import Fault, Heat, MachineState, Outcome, Status
from printers.drivers.readings import base_name, celsius, items, mapping, number, text, whole

M = MachineState
# The first flag that is set decides, in this order.
FLAGS = (
    ("cancelling", M.BUSY),
    ("pausing", M.PAUSED),
    ("paused", M.PAUSED),
    ("printing", M.PRINTING),
    ("resuming", M.PRINTING),
    ("finishing", M.PRINTING),
)
# What a text begins with that counts for more than flags: a file sent to the printer's card is no print.
TEXTS = (
    ("detecting", M.BUSY),
    ("opening serial", M.BUSY),
    ("connecting", M.BUSY),
    ("transferring", M.BUSY),
    ("sending file", M.BUSY),
    ("starting to send", M.BUSY),
    ("error", M.ERROR),
    ("offline", M.OFFLINE),
    ("closed", M.OFFLINE),
)
# Errors that tell of the line to the printer and not of the printer: it may just be switched off.
_LINE_LOST = re.compile(r"serial|timeout|no working port|no more candidates|connection", re.I)
_MOVES = re.compile(r"starting|printing|paus|resum|cancel|finish")
_STOPPED = re.compile(r"emergency stop", re.I)
_WEEKS_S = 60 * 86400
_WARM_BELOW = 10.0
_COLD_C = 5.0
ACTIVE = frozenset({M.PREPARING, M.PRINTING, M.PAUSED})


@dataclass(frozen=True, slots=True)
class Job:
    """The selected file, how far it is, and OctoPrint's own state in words. `completion` is 0 to 100."""

    path: str = ""
    local: bool = True
    mark: str = ""
    user: str = ""
    completion: float | None = None
    printed_s: int | None = None
    left_s: int | None = None
    estimate_s: float | None = None
    state: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return base_name(self.path)

    @property
    def is_done(self) -> bool:
        return self.completion is not None and self.completion >= 100


@dataclass(frozen=True, slots=True)
class History:
    """A file's prints that are over; `good` and `took_s` are the last one's, None where there was none."""

    runs: int = 0
    good: bool | None = None
    took_s: float | None = None

    def has(self, job: Job) -> bool:
        """Whether the print that `job`, at rest, shows is among these: it is written soon after the end."""
        if not job.is_done:
            return self.good is False
        known = self.took_s is None or job.printed_s is None or abs(self.took_s - job.printed_s) <= 1
        return self.good is True and known


def job_of(answer: object) -> Job:
    """An answer of /api/job, whose fields may all be null."""
    said, told = mapping(answer), mapping(mapping(answer).get("job"))
    file, progress = mapping(told.get("file")), mapping(mapping(answer).get("progress"))
    facts = [text(file.get(name), 400) for name in ("path", "size", "date", "origin")]
    return Job(
        path=text(file.get("path") or file.get("name"), 400),
        local=text(file.get("origin")) in ("local", ""),
        mark=blake2b("\n".join(facts).encode(), digest_size=5).hexdigest(),
        user=text(told.get("user"), 80),
        completion=number(progress.get("completion"), 0, 100),
        printed_s=whole(progress.get("printTime"), 0, _WEEKS_S),
        left_s=whole(progress.get("printTimeLeft"), 0, _WEEKS_S),
        estimate_s=number(told.get("estimatedPrintTime"), 0, _WEEKS_S),
        state=text(said.get("state")),
        error=text(said.get("error"), 300),
    )


def history_of(file: object) -> History:
    """An answer of /api/files/local/<path>."""
    prints = mapping(mapping(file).get("prints"))
    last = mapping(prints.get("last"))
    runs = sum(whole(prints.get(name), 0, 1_000_000) or 0 for name in ("success", "failure"))
    good = last.get("success")
    return History(runs, good if isinstance(good, bool) else None, number(last.get("printTime"), 0, _WEEKS_S))


def machine_state(flags: Mapping[str, Any], job: Job) -> MachineState:
    """What the printer does, by its flags (none while it is away) and OctoPrint's words; unrefined."""
    said = job.state.lower()
    for beginning, state in TEXTS:
        if said.startswith(beginning):
            return _offline_or_error(job) if state is M.OFFLINE else state
    moves = _MOVES.match(said) is not None
    if not flags and (moves or said == "operational"):
        # It came or went between the two answers.
        return M.BUSY
    if flags.get("error") is True:
        return M.ERROR
    for name, state in FLAGS:
        if flags.get(name) is True:
            return state
    if flags.get("operational") is True:
        return M.BUSY if moves else M.IDLE
    return M.UNKNOWN


def _offline_or_error(job: Job) -> MachineState:
    """After an error of the printer itself OctoPrint hangs up too, and yet it is not just offline."""
    line_lost = _LINE_LOST.search(job.error) and not _STOPPED.search(job.error)
    return M.OFFLINE if not job.error or line_lost else M.ERROR


def status_of(printer: Mapping[str, Any], job: Job, history: History | None, *, ending: bool) -> Status:
    """The picture of /api/printer (empty while it is away), /api/job and the selected file's history.

    `history` is None if it cannot be known; `ending` tells that a print was seen which is not in it yet.
    """
    heats = mapping(printer.get("temperature"))
    flags = mapping(mapping(printer.get("state")).get("flags"))
    state = machine_state(flags, job)
    if state is M.PRINTING and _prepares(job, heats):
        state = M.PREPARING
    outcome, has_run = None, state in ACTIVE or flags.get("cancelling") is True
    if state is M.IDLE and job.path:
        outcome = _outcome(job, history)
        has_run = outcome is not None or ending
        state = M.FINISHED if outcome else M.BUSY if ending else M.IDLE
    if state is M.ERROR:
        outcome, has_run = Outcome.COMPLETED if job.is_done else Outcome.FAILED, bool(job.path)
    return Status(
        state=state,
        outcome=outcome,
        raw_state=job.state,
        progress=None if job.completion is None or not has_run else job.completion / 100,
        remaining_s=_remaining(state, job),
        elapsed_s=job.printed_s if has_run else None,
        file=job.name,
        job_key=_key(job, history, state) if has_run and job.path else "",
        nozzles=_nozzles(heats),
        bed=_heat(heats.get("bed")),
        chamber=_heat(heats.get("chamber")),
        faults=tuple(_faults(state, job)),
        full=state is not M.OFFLINE,
        seen_moving=has_run,
    )


def _prepares(job: Job, heats: Mapping[str, Any]) -> bool:
    """Whether a print heats or homes: the file is read ahead, so a little progress proves nothing."""
    if job.state.lower().startswith("starting") or not job.completion:
        return True
    heaters = [*_nozzles(heats), _heat(heats.get("bed"))]
    cold = any(heat and heat.target_c and heat.now_c < heat.target_c - _COLD_C for heat in heaters)
    return cold and job.completion < _WARM_BELOW


def _outcome(job: Job, history: History | None) -> Outcome | None:
    """How the print of the selected file ended that was the last thing done; None if it was only selected."""
    if job.is_done:
        return Outcome.COMPLETED
    # What is left after a cancelled print is the file, selected, without progress; after selecting it too.
    if job.completion or (history and history.good is False):
        return Outcome.FAILED if job.error else Outcome.CANCELLED
    return None


def _key(job: Job, history: History | None, state: MachineState) -> str:
    """The file and which of its prints this is; OctoPrint numbers no jobs.

    Without the file's history there is only who started it.
    """
    if history is None:
        mark = blake2b(f"{job.mark}\n{job.user}".encode(), digest_size=5).hexdigest()
        return f":{job.name[:120]}#{mark}"
    is_over = state in (M.FINISHED, M.ERROR) and history.has(job)
    return f"{history.runs if is_over else history.runs + 1}:{job.name[:120]}#{job.mark}"


def _remaining(state: MachineState, job: Job) -> int | None:
    if state not in ACTIVE:
        return None
    if job.left_s is not None or job.estimate_s is None:
        return job.left_s
    return int(max(0.0, job.estimate_s - (job.printed_s or 0)))


def _heat(said: object) -> Heat | None:
    now_c = celsius(mapping(said).get("actual"))
    return None if now_c is None else Heat(now_c, celsius(mapping(said).get("target")) or 0.0)


def _nozzles(heats: Mapping[str, Any]) -> tuple[Heat, ...]:
    names = items([name for name in heats if name.startswith("tool") and name[4:].isdigit()], 16)
    ordered = sorted(names, key=lambda name: int(name[4:8]))
    return tuple(heat for name in ordered if (heat := _heat(heats[name])))


def _faults(state: MachineState, job: Job) -> list[Fault]:
    if state is M.ERROR:
        return [Fault(job.state, job.error or "OctoPrint reports an error of the printer.")]
    if state is M.OFFLINE:
        why = f": {job.error}" if job.error else "."
        return [Fault(job.state, f"OctoPrint is not connected to the printer{why}", "warning")]
    if state is M.UNKNOWN:
        return [
            Fault(
                "unknown state", f"OctoPrint reports a state that is not known here: {job.state or 'none'}."
            )
        ]
    return []
