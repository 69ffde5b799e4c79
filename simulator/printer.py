"""One printer as a state machine over its own clock: it moves only when somebody looks.

Nothing here knows a protocol or a socket. `advance` brings it up to now, so an idle printer costs nothing.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from simulator.faults import Faults
from simulator.profiles import Profile
from simulator.sliced import Sliced

_AMBIENT_C = 24.0
_WARMING_S = 25.0


class Phase(StrEnum):
    IDLE = "idle"
    PREPARING = "preparing"
    PRINTING = "printing"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    ERROR = "error"


MOVING = frozenset({Phase.PREPARING, Phase.PRINTING})
ACTIVE = MOVING | {Phase.PAUSED}


class Refusal(Exception):
    """The machine does not do that now."""


@dataclass(frozen=True, slots=True)
class Start:
    """One physical start: proof that a file was printed, and how often. `at` is epoch seconds."""

    remote_name: str
    at: float
    key: str
    by_hand: bool
    plate_was_full: bool


@dataclass(slots=True)
class Run:
    """A print that is going on or over; durations in the machine's own seconds, moments in epoch seconds."""

    number: int
    remote_name: str
    sliced: Sliced
    key: str
    title: str
    plate: int
    started_at: float
    prepare_left_s: float
    elapsed_s: float = 0.0
    ended_at: float | None = None
    end: str = ""
    slots: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        return min(1.0, self.elapsed_s / self.sliced.duration_s)

    @property
    def layer(self) -> int:
        return 0 if self.elapsed_s == 0 else min(self.sliced.layers, 1 + int(self.share * self.sliced.layers))

    @property
    def remaining_s(self) -> float:
        return max(0.0, self.sliced.duration_s - self.elapsed_s) + self.prepare_left_s


@dataclass(slots=True)
class Spool:
    """Filament in a slot; `remain` is a share of 1000 g, `tag` 32 hex digits or empty."""

    material: str
    color: str
    remain: float = 1.0
    tag: str = ""


@dataclass(slots=True)
class Machine:
    """The printer itself. `changed` is called after everything that a connected client would be told of."""

    name: str
    profile: Profile
    folder: Path
    speed: float = 1.0
    clock: Callable[[], float] = time.monotonic
    serial: str = ""
    secret: str = ""
    faults: Faults = field(default_factory=Faults)
    phase: Phase = Phase.IDLE
    run: Run | None = None
    plate_full: bool = False
    collisions: int = 0
    trouble: str = ""
    out_of_filament: bool = False
    firmware_state: str = "ready"
    starts: list[Start] = field(default_factory=list)
    runs: deque[Run] = field(default_factory=lambda: deque(maxlen=50))
    slots: dict[int, Spool | None] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None
    nozzle_c: float = _AMBIENT_C
    bed_c: float = _AMBIENT_C
    light: bool = True
    speed_level: int = 2
    fans_255: dict[int, int] = field(default_factory=dict)
    _count: int = 0
    _seen: float = 0.0

    def __post_init__(self) -> None:
        self._seen = self.clock()

    @property
    def active(self) -> bool:
        return self.phase in ACTIVE

    @property
    def targets_c(self) -> tuple[float, float]:
        """What nozzle and bed are set to."""
        return (self.profile.nozzle_c, self.profile.bed_c) if self.active else (0.0, 0.0)

    def advance(self) -> None:
        """Bring the machine up to now."""
        now = self.clock()
        passed, self._seen = (now - self._seen) * self.speed, now
        self._warm(passed)
        if self.phase is Phase.PREPARING and self.run:
            self.run.prepare_left_s -= passed
            if self.run.prepare_left_s > 0:
                return
            passed, self.run.prepare_left_s = -self.run.prepare_left_s, 0.0
            self.phase = Phase.PRINTING
        if self.phase is Phase.PRINTING and self.run:
            self.run.elapsed_s += passed
            if self.run.elapsed_s >= self.run.sliced.duration_s:
                late_s = (self.run.elapsed_s - self.run.sliced.duration_s) / self.speed
                self.run.elapsed_s = self.run.sliced.duration_s
                self._end(Phase.FINISHED, "completed", late_s)

    def start(self, remote_name: str, sliced: Sliced, *, key: str = "", title: str = "", plate: int = 1,
              slots: tuple[int, ...] = (), by_hand: bool = False) -> Run:  # fmt: skip
        """Begin to print, whatever lies on the plate: a machine cannot see it."""
        self.advance()
        if self.run and self.run.ended_at is None:
            self._end(Phase.CANCELLED, "cancelled")
        now = time.time()
        self._count += 1
        if self.plate_full:
            self.collisions += 1
        self.starts.append(Start(remote_name, now, key, by_hand, self.plate_full))
        self.run = Run(
            self._count, remote_name, sliced, key, title, plate, now, self.profile.prepare_s, slots=slots
        )
        self.runs.append(self.run)
        self.phase, self.plate_full, self.trouble = Phase.PREPARING, True, ""
        self.changed()
        return self.run

    def pause(self) -> None:
        self.advance()
        if self.phase not in MOVING:
            raise Refusal("Nothing is printing")
        self.phase = Phase.PAUSED
        self.changed()

    def resume(self) -> None:
        self.advance()
        if self.phase is not Phase.PAUSED or self.run is None:
            raise Refusal("The print is not paused")
        if self.out_of_filament:
            raise Refusal("No filament")
        self.phase = Phase.PREPARING if self.run.prepare_left_s > 0 else Phase.PRINTING
        self.changed()

    def cancel(self) -> None:
        self.advance()
        if not self.active:
            raise Refusal("Nothing is printing")
        self._end(Phase.CANCELLED, "cancelled")
        self.changed()

    def fail(self, words: str, end: str = "error") -> None:
        """Stop with an error; a running print is lost."""
        self.advance()
        self.trouble = words
        if self.active:
            self._end(Phase.ERROR, end)
        self.phase = Phase.ERROR
        self.changed()

    def run_out(self) -> None:
        """The filament ends: the print pauses until `refill`."""
        self.pause()
        self.out_of_filament = True
        self.trouble = "Filament ran out"
        self.changed()

    def refill(self) -> None:
        self.out_of_filament, self.trouble = False, ""
        self.changed()

    def acknowledge(self) -> None:
        """Forget the last print or error, as a reset at the machine does; a running print stays."""
        self.advance()
        if not self.active:
            self.phase, self.trouble = Phase.IDLE, ""
            self.changed()

    def reboot(self) -> None:
        """Power off and on: the print and the state are lost, files and the part on the plate are not."""
        self.advance()
        if self.run and self.run.ended_at is None:
            self._end(Phase.IDLE, "klippy_disconnect")
        self.run, self.phase, self.trouble, self.out_of_filament = None, Phase.IDLE, "", False
        self.firmware_state = "ready"
        self.changed()

    def clear_plate(self) -> None:
        """Take the part off; raises Refusal while it is being made."""
        self.advance()
        if self.active:
            raise Refusal("A print is on the plate")
        self.plate_full = False

    def _end(self, phase: Phase, end: str, late_s: float = 0.0) -> None:
        if self.run is None:
            return
        self.phase, self.run.end, self.run.ended_at = phase, end, time.time() - late_s
        grams = self.run.sliced.grams * self.run.share
        used = [spool for slot in set(self.run.slots) if (spool := self.slots.get(slot))]
        for spool in used:
            spool.remain = max(0.0, spool.remain - grams / len(used) / 1000)

    def _warm(self, passed: float) -> None:
        reach = 1.0 - 2.718 ** (-passed / _WARMING_S)
        nozzle_c, bed_c = self.targets_c
        self.nozzle_c += (max(nozzle_c, _AMBIENT_C) - self.nozzle_c) * reach
        self.bed_c += (max(bed_c, _AMBIENT_C) - self.bed_c) * reach
