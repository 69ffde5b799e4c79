"""The fleet now: everything a card, a row or the API tells of printers, gathered at once for many."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.utils import timezone
from django.utils.translation import ngettext

from jobs.models import Print
from jobs.states import ACTIVE
from orgs.current import current_org
from printers import live
from printers.drivers.driver import Fault, Heat, MachineState, Status
from printers.models import Printer, Slot
from printers.states import ORDER, PrinterState, order_of, shown
from stations.models import DispatchState, Plate, Station
from ui.marks import mark_of

from .sentences import reason_of


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
    why: str = ""
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


NOTHING_SAID = Status(MachineState.UNKNOWN)
WITH_A_PRINT = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})


class Place(NamedTuple):
    """What the machine's row in the public schema says."""

    plate: str
    plate_epoch: int
    hold_state: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was read for many printers at once."""

    places: dict[UUID, Place]
    told: dict[UUID, live.Live]
    tags: dict[UUID, list[str]]
    slots: dict[UUID, list[Loaded]]
    works: dict[UUID, Work]
    last_numbers: dict[UUID, int]
    now: datetime


def gather(printers: Iterable[Printer], *, reasons: bool = True) -> list[Shown]:
    """Everything shown of `printers`, in their order: five queries and one round trip to Redis, however many.

    `reasons=False` leaves out the job that a plate is to be cleared of.
    """
    rows = list(printers)
    ids = [row.pk for row in rows]
    if not ids:
        return []
    told = live.read(current_org().pk, ids)
    places, works = _places(ids), _works(ids)
    full = [pk for pk, place in places.items() if place.plate == Plate.OCCUPIED and pk not in works]
    last = _last_numbers(full) if reasons and full else {}
    found = Found(places, told, _tags(ids), _slots(ids), works, last, timezone.now())
    return [_show(row, found) for row in rows]


def _show(row: Printer, found: Found) -> Shown:
    place, entry = found.places[row.pk], found.told.get(row.pk)
    is_fresh = live.is_fresh(entry, row.protocol, found.now)
    said = entry.status if entry and is_fresh else NOTHING_SAID
    asks = place.hold_state == DispatchState.UNCLEAR
    state = shown(
        entry.status if entry else None,
        enabled=row.enabled,
        out_of_service=bool(row.out_of_service_reason),
        plate=place.plate,
        fresh=is_fresh,
        needs_person=asks,
    )
    one = Shown(
        row=row,
        pk=row.pk,
        name=row.name,
        model=row.model,
        protocol=row.protocol,
        location=row.location,
        tags=tuple(found.tags.get(row.pk, ())),
        enabled=row.enabled,
        out_of_service_reason=row.out_of_service_reason,
        state=state,
        machine=said.state,
        plate=place.plate,
        plate_epoch=place.plate_epoch,
        slots=tuple(found.slots.get(row.pk, ())),
        work=found.works.get(row.pk),
        nozzle=said.nozzles[0] if said.nozzles else None,
        bed=said.bed,
        chamber=said.chamber,
        faults=said.faults,
        problem=entry.problem if entry else "",
        is_fresh=is_fresh,
        updated_at=entry.updated_at if entry else None,
    )
    why = reason_of(one, asks=asks, last_number=found.last_numbers.get(row.pk))
    return replace(one, why=why, **(_of_the_print(one, said) if one.is_running else {}))


def _of_the_print(one: Shown, status: Status) -> dict[str, Any]:
    return {
        "progress": status.progress,
        "remaining_s": status.remaining_s,
        "ends_at": _ends_at(status, one.updated_at, one.work),
        "layer": status.layer,
        "layers": status.layers,
        "file": status.file,
        "job_key": status.job_key,
    }


def _ends_at(status: Status, updated_at: datetime | None, work: Work | None) -> datetime | None:
    """By what the printer says is left, else by what the slicer said at the start."""
    if status.remaining_s is not None and updated_at is not None:
        ends = updated_at + timedelta(seconds=status.remaining_s + 30)
    elif work and work.started_at and work.estimate_s:
        ends = work.started_at + timedelta(seconds=work.estimate_s + 30)
    else:
        return None
    return ends.replace(second=0, microsecond=0)


def _places(ids: Sequence[UUID]) -> dict[UUID, Place]:
    rows = Station.objects.filter(pk__in=ids).values_list("pk", "plate", "plate_epoch", "hold__state")
    return {row[0]: Place(*row[1:]) for row in rows}


def _tags(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = Printer.tags.through.objects.filter(printer_id__in=ids).order_by("tag__name")
    for pk, name in rows.values_list("printer_id", "tag__name"):
        found.setdefault(pk, []).append(name)
    return found


def _slots(ids: Sequence[UUID]) -> dict[UUID, list[Loaded]]:
    found: dict[UUID, list[Loaded]] = {}
    rows = Slot.objects.filter(printer_id__in=ids).order_by("printer_id", "index").values_list(
        "printer_id", "pk", "index", "material", "color", "spool__pk", "spool__number", "spool__initial_g",
        "spool__used_g", "spool__filament__material", "spool__filament__color", "spool__filament__color_name",
    )  # fmt: skip
    for printer, pk, index, material, color, spool, number, initial_g, used_g, *filament in rows:
        if spool is None:
            loaded = Loaded(pk, index, material, color)
        else:
            left_g = max(Decimal(0), initial_g - used_g)
            share = float(left_g / initial_g) if initial_g else 0.0
            loaded = Loaded(pk, index, filament[0], filament[1], filament[2], spool, number, left_g, share)
        found.setdefault(printer, []).append(loaded)
    return found


def _works(ids: Sequence[UUID]) -> dict[UUID, Work]:
    rows = Print.objects.filter(printer_id__in=ids, state__in=ACTIVE).values_list(
        "printer_id", "job_id", "job__number", "job__name", "state", "started_at", "estimate_s", "job__by_id"
    )
    return {row[0]: Work(*row[1:]) for row in rows if row[0]}


def _last_numbers(ids: Sequence[UUID]) -> dict[UUID, int]:
    """The number of the job that printed last on each."""
    rows = Print.objects.filter(printer_id__in=ids, started_at__isnull=False)
    latest = rows.order_by("printer_id", "-started_at").distinct("printer_id")
    return dict(latest.values_list("printer_id", "job__number"))


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
