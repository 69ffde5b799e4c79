"""What bulk actions look at of a printer: the same for a run as for what a list has drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.utils import timezone

from bulk.actions import Memory
from orgs.current import current_org
from printers import live
from printers.drivers.driver import Fault, MachineState, Status
from printers.models import Printer
from stations.models import Station

WITH_A_PRINT = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})
UNHEARD = Status(MachineState.UNKNOWN)


class Facts(Protocol):
    """`machine` is what the machine says of itself, UNKNOWN where nothing fresh is known; `job_key` names the
    print on it, if one runs; `is_taken` tells that its station is held for a print."""

    @property
    def protocol(self) -> str: ...
    @property
    def enabled(self) -> bool: ...
    @property
    def out_of_service_reason(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def machine(self) -> MachineState: ...
    @property
    def job_key(self) -> str: ...
    @property
    def faults(self) -> tuple[Fault, ...]: ...
    @property
    def plate(self) -> str: ...
    @property
    def plate_epoch(self) -> int: ...
    @property
    def is_taken(self) -> bool: ...


class Row(Protocol):
    """A printer of a run, or of a list; a run's has `seen` too."""

    @property
    def facts(self) -> Facts: ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """A printer as a list has drawn it."""

    facts: Facts


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up of a printer; see Facts."""

    protocol: str
    enabled: bool
    out_of_service_reason: str
    tags: tuple[str, ...]
    machine: MachineState
    job_key: str
    faults: tuple[Fault, ...]
    plate: str
    plate_epoch: int
    is_taken: bool


def look_up(printers: Sequence[Any]) -> None:
    """Give each printer its `facts`: two queries and one round trip to Redis, however many."""
    ids = [printer.pk for printer in printers]
    told, places, tags = live.read(current_org().pk, ids), _places(ids), _tags(ids)
    now = timezone.now()
    for printer in printers:
        entry = told.get(printer.pk)
        said = entry.status if entry and live.is_fresh(entry, printer.protocol, now) else UNHEARD
        plate, plate_epoch, hold = places[printer.pk]
        printer.facts = Found(
            protocol=printer.protocol,
            enabled=printer.enabled,
            out_of_service_reason=printer.out_of_service_reason,
            tags=tuple(tags.get(printer.pk, ())),
            machine=said.state,
            job_key=said.job_key if said.state in WITH_A_PRINT else "",
            faults=said.faults,
            plate=plate,
            plate_epoch=plate_epoch,
            is_taken=hold is not None,
        )


def runs(row: Row) -> bool:
    """Whether a print is on it, going or paused."""
    return row.facts.machine in WITH_A_PRINT


def seen_of(row: Row) -> Memory:
    """What the person saw of it; empty where nobody has seen anything yet, as in a list."""
    found: Memory = getattr(row, "seen", {})
    return found


def _places(ids: Iterable[UUID]) -> dict[UUID, tuple[str, int, UUID | None]]:
    rows = Station.objects.filter(pk__in=ids).values_list("pk", "plate", "plate_epoch", "hold_id")
    return {pk: (plate, epoch, hold) for pk, plate, epoch, hold in rows}


def _tags(ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    rows = Printer.tags.through.objects.filter(printer__in=ids).order_by("tag__name")
    for pk, name in rows.values_list("printer_id", "tag__name"):
        found.setdefault(pk, []).append(name)
    return found
