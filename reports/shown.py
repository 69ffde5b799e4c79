"""A printer as people and scripts see it, and lists of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import orjson
from django.utils import timezone
from django.utils.translation import ngettext

from printers.drivers import DRIVERS
from printers.drivers.driver import Fault, Heat, MachineState
from printers.models import Printer
from printers.states import ORDER, PrinterState, order_of
from stations.models import Plate
from ui.marks import mark_of

from .sentences import reason_of

WITH_A_PRINT = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A slot and what is in it: the spool's filament if we know it, else what the printer says of it.

    `share` of the spool's grams is left, 0 to 1; None without a spool.
    """

    pk: UUID
    index: int
    material: str
    color: str
    color_name: str = ""
    spool_id: UUID | None = None
    spool_number: int | None = None
    left_g: Decimal | None = None
    share: float | None = None

    @property
    def is_empty(self) -> bool:
        return self.spool_id is None and not self.material

    @property
    def words(self) -> str:
        return " ".join(filter(None, (self.material, self.color_name)))


@dataclass(frozen=True, slots=True)
class Work:
    """A job as far as its printer tells of it."""

    pk: UUID
    number: int
    name: str
    print_state: str
    started_at: datetime | None
    estimate_s: int | None
    user_id: UUID | None = None

    @property
    def words(self) -> str:
        return f"#{self.number} {self.name}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A printer as people and scripts see it. Equal ones look the same: a card is drawn once for them.

    `ends_at` is to the minute, temperatures are in degrees Celsius, `progress` is a share of 0 to 1.
    """

    row: Printer = field(compare=False, repr=False)
    pk: UUID
    name: str
    model: str
    protocol: str
    location: str
    tags: tuple[str, ...]
    enabled: bool
    out_of_service_reason: str
    state: PrinterState
    machine: MachineState
    plate: str
    plate_epoch: int
    asks: bool = False
    held_after: int = 0
    last_number: int | None = None
    slots: tuple[Loaded, ...] = ()
    work: Work | None = None
    progress: float | None = None
    ends_at: datetime | None = None
    nozzle: Heat | None = None
    bed: Heat | None = None
    chamber: Heat | None = None
    layer: int | None = None
    layers: int | None = None
    file: str = ""
    job_key: str = ""
    faults: tuple[Fault, ...] = ()
    problem: str = ""
    is_fresh: bool = False
    remaining_s: int | None = field(default=None, compare=False)
    updated_at: datetime | None = field(default=None, compare=False)

    @property
    def why(self) -> str:
        """Why it is in its state, in a sentence; empty where the state says it all."""
        return reason_of(self)

    @property
    def has_emergency_stop(self) -> bool:
        """Whether its protocol can switch everything off at once."""
        driver = DRIVERS.get(self.protocol)
        return driver is None or driver.stops_at_once

    @property
    def is_running(self) -> bool:
        """Whether a print is on it, going or paused."""
        return self.machine in WITH_A_PRINT

    @property
    def plate_wants_a_hand(self) -> bool:
        """Whether somebody has to look at the plate before anything can start."""
        return self.plate != Plate.CLEAR and not self.is_running

    @property
    def key_as_json(self) -> str:
        """What a button sends along, so that it acts on this print and no later one."""
        return orjson.dumps({"job_key": self.job_key}).decode()

    @property
    def id_text(self) -> str:
        return str(self.pk)

    @property
    def dom_id(self) -> str:
        return f"printer-{self.pk}"


def by_need(fleet: Iterable[Shown]) -> list[Shown]:
    """What needs a person first, then by the soonest end, then by name."""
    far = timezone.now() + timedelta(days=3650)
    return sorted(fleet, key=lambda one: (order_of(one.state), one.ends_at or far, one.name.lower()))


def state_label(state: str) -> str:
    """The word of a printer's state, as its mark has it."""
    return str(mark_of("printer", state).word)


def counts_of(fleet: Iterable[Shown]) -> list[tuple[PrinterState, str, int]]:
    """Each state, how its count reads and how many printers are in it; the most urgent first."""
    counts = Counter(one.state for one in fleet)
    needing = ngettext("needs you", "need you", counts[PrinterState.NEEDS_YOU])
    words = {state: state_label(state).lower() for state in ORDER} | {PrinterState.NEEDS_YOU: needing}
    return [(state, words[state], counts[state]) for state in ORDER]
