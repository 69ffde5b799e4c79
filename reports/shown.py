"""A printer as people and scripts see it, and lists of them."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from printers.adjusting import Setting, settings_of
from printers.drivers import DRIVERS
from printers.drivers.driver import Fault, Heat, MachineState
from printers.models import Printer
from printers.states import ORDER, PrinterState, order_of
from stations.models import Plate
from ui.marks import mark_of

from .sentences import reason_of

DIGITS = frozenset("0123456789")
RUNNING = frozenset({PrinterState.PRINTING, PrinterState.PREPARING, PrinterState.PAUSED})
WITH_A_PRINT = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A slot and what is in it: the spool's filament if we know it, else what the printer says of it.

    `share` of the spool's grams is left, 0 to 1; None without a spool. `told` is what the printer says is in
    it, if that is something else; `has_strange_tag`, that it reads a tag which no spool of ours has.
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
    told: str = ""
    has_strange_tag: bool = False

    @property
    def is_empty(self) -> bool:
        return self.spool_id is None and not self.material

    @property
    def words(self) -> str:
        return " ".join(filter(None, (self.material, self.color_name)))


@dataclass(frozen=True, slots=True)
class Label:
    """A tag as it is drawn: its name, and the name of its colour (printers.hues)."""

    name: str
    hue: str


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
class Guest:
    """Another organisation's print on a printer of ours, as we may know of it; `pk` once it was started."""

    org: str
    pk: UUID | None = None
    material: str = ""
    size: int | None = None
    started_at: datetime | None = None
    estimate_s: int | None = None

    @property
    def words(self) -> str:
        said = _("Lent to %(org)s") % {"org": self.org}
        return f"{said}: {self.material}" if self.material else said


@dataclass(frozen=True, slots=True)
class Shown:
    """A printer as people and scripts see it. Equal ones look the same: a card is drawn once for them.

    `is_taken` tells that it is held for a print, which may not have begun. `ends_at` is to the minute,
    temperatures are in degrees Celsius, `progress` is a share of 0 to 1. `care` is the standing of its
    maintenance, empty where nothing is due; `overdue` names what of it holds the printer.
    """

    row: Printer = field(compare=False, repr=False)
    pk: UUID
    name: str
    model: str
    protocol: str
    location: str
    labels: tuple[Label, ...]
    enabled: bool
    out_of_service_reason: str
    state: PrinterState
    machine: MachineState
    plate: str
    plate_epoch: int
    asks: bool = False
    is_taken: bool = False
    held_after: int = 0
    care: str = ""
    overdue: str = ""
    last_number: int | None = None
    slots: tuple[Loaded, ...] = ()
    work: Work | None = None
    guest: Guest | None = None
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
    adjusted: tuple[tuple[str, str], ...] = ()
    remaining_s: int | None = field(default=None, compare=False)
    updated_at: datetime | None = field(default=None, compare=False)

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)

    @property
    def materials(self) -> tuple[str, ...]:
        """What is loaded, each material once, in capitals: printers and people write them differently."""
        return tuple(dict.fromkeys(slot.material.upper() for slot in self.slots if slot.material))

    @property
    def why(self) -> str:
        """Why it is in its state, in a sentence; empty where the state says it all."""
        return reason_of(self)

    @property
    def on_it(self) -> str:
        """What is printed on it: our job, another's print, else the file started at the machine."""
        one = self.work or self.guest
        return one.words if one else self.file

    @property
    def settings(self) -> list[Setting]:
        """What a person can set on it, as it is set now."""
        return settings_of(self.protocol, dict(self.adjusted))

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
    def has_emergency_stop(self) -> bool:
        """Whether its protocol can switch everything off at once."""
        driver = DRIVERS.get(self.protocol)
        return driver is None or driver.stops_at_once

    @property
    def seen_as_json(self) -> str:
        """What a bulk action goes by, as its list showed it."""
        seen = {"job_key": self.job_key, "plate_epoch": self.plate_epoch}
        return orjson.dumps({str(self.pk): seen}).decode()

    @property
    def id_text(self) -> str:
        return str(self.pk)

    @property
    def dom_id(self) -> str:
        return f"printer-{self.pk}"


def by_need(fleet: Iterable[Shown]) -> list[Shown]:
    """What needs a person first, then the soonest end, then what has none: by state, then by name."""
    far = timezone.now() + timedelta(days=3650)

    def key(one: Shown) -> tuple[Any, ...]:
        needs, ends_at = one.state == PrinterState.NEEDS_YOU, one.ends_at or far
        runs = one.state in RUNNING
        return (not needs, not runs, ends_at, order_of(one.state), natural(one.name))

    return sorted(fleet, key=key)


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A key that puts K1-2 before K1-10, whatever the case."""
    parts = re.split(r"([0-9]+)", name.lower())
    return tuple((int(part[-18:]), "") if part[:1] in DIGITS else (-1, part) for part in parts if part)


def state_label(state: str) -> str:
    """The word of a printer's state, as its mark has it."""
    return str(mark_of("printer", state).word)


def counts_of(fleet: Iterable[Shown]) -> list[tuple[PrinterState, str, int]]:
    """Each state, how its count reads and how many printers are in it; the most urgent first."""
    counts = Counter(one.state for one in fleet)
    needing = ngettext("needs you", "need you", counts[PrinterState.NEEDS_YOU])
    words = {state: state_label(state).lower() for state in ORDER} | {PrinterState.NEEDS_YOU: needing}
    return [(state, words[state], counts[state]) for state in ORDER]
