"""Lent printers as their borrowers see them: what they do and hold, and on what terms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from jobs.gates import Machine
from jobs.models import Print
from jobs.states import ACTIVE
from maintenance.holding import held_by
from orgs.current import current_org
from orgs.models import Membership
from printers import live
from printers.drivers.driver import MachineState, Status
from printers.models import Printer
from printers.states import PrinterState, order_of, shown
from stations.models import DispatchState, Offer, Station
from stations.terms import Lent

from . import lent
from .crossing import within
from .saying import lent_text, named

S = DispatchState
WITH_A_PRINT = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})
MODULUS = 10**15


@dataclass(frozen=True, slots=True)
class Built:
    """What of a printer's row a borrower needs to slice for it."""

    name: str
    protocol: str
    bed_form: str
    bed_tolerance_mm: float


@dataclass(frozen=True, slots=True)
class Ours:
    """Our own print on a lent printer."""

    dispatch_id: UUID
    job_id: UUID
    number: int
    name: str
    job_key: str

    @property
    def words(self) -> str:
        return f"#{self.number} {self.name}"


@dataclass(frozen=True, slots=True)
class LentPrinter:
    """`state` is what its owner's pages show too. `status` has neither file nor faults in words of another
    print; `ours` is what of ours is on it."""

    machine: Machine
    built: Built
    state: PrinterState
    plate: str
    status: Status | None
    updated_at: datetime | None
    ours: Ours | None
    closed: str

    @property
    def pk(self) -> UUID:
        return self.machine.id

    @property
    def name(self) -> str:
        return self.built.name

    @property
    def owner(self) -> str:
        return self.lent.terms.owner

    @property
    def lent(self) -> Lent:
        assert self.machine.lent is not None  # noqa: S101  # only lent ones are shown so
        return self.machine.lent

    @property
    def is_running(self) -> bool:
        return self.status is not None and self.status.state in WITH_A_PRINT

    @property
    def progress(self) -> float | None:
        return self.status.progress if self.status and self.is_running else None

    @property
    def dom_id(self) -> str:
        return f"lent-{self.pk}"


def printers_for(membership: Membership, only: Iterable[UUID] | None = None) -> list[LentPrinter]:
    """What a person sees of the printers lent to the organisation in use: what wants a hand first.

    Who is limited to printers with some tags sees none: lent ones have no tags of ours.
    """
    if membership.limited_to is not None:
        return []
    found = lent.machines(only)
    owners = dict(Station.objects.filter(pk__in=[one.id for one in found]).values_list("pk", "owner"))
    by_owner: dict[UUID, list[Machine]] = defaultdict(list)
    for machine in found:
        by_owner[owners[machine.id]].append(machine)
    ours = _ours([one.id for one in found])
    seen = [one for owner, rows in by_owner.items() for one in _of(owner, rows, ours)]
    return sorted(seen, key=lambda one: (order_of(one.state), one.owner, one.name))


def is_shown(membership: Membership, pk: UUID) -> bool:
    """Whether that person sees that printer; costs little, for who asks every two seconds."""
    return membership.limited_to is None and lent.terms_for(pk) is not None


def names_for(membership: Membership, wanted: Q, most: int) -> list[tuple[UUID, str]]:
    """The printers lent to us whose offers match `wanted`, as they are called here; none for the limited."""
    if membership.limited_to is not None:
        return []
    offers = Offer.objects.to(current_org()).filter(wanted).order_by("station__name")[:most]
    return [(one.station_id, named(one.station.name, one.station.owner.name)) for one in offers]


def version_for(only: Iterable[UUID] | None = None) -> int:
    """Changes whenever what is lent to the organisation in use, or how any of it is, may have changed."""
    offered = lent.offered(only)
    orgs = {current_org().pk, *(one.owner_id for one in offered)}
    told = sum(live.version_of(org) for org in orgs) + sum(one.terms.version for one in offered)
    return (told + len(offered)) % MODULUS


def _of(owner_id: UUID, machines: Sequence[Machine], ours: Mapping[UUID, Ours]) -> list[LentPrinter]:
    ids = [one.id for one in machines]
    with within(owner_id) as owner:
        rows = Printer.objects.in_bulk(ids)
        told = live.read(owner.pk, ids)
        overdue = held_by(ids)
    holds = dict(Station.objects.filter(pk__in=ids).values_list("pk", "hold__state"))
    now = timezone.now()
    found = []
    for machine in machines:
        row, known = rows[machine.id], told.get(machine.id)
        is_fresh = live.is_fresh(known, row.protocol, now)
        state = shown(
            known.status if known else None,
            enabled=row.enabled,
            out_of_service=bool(row.out_of_service_reason),
            plate=machine.plate,
            fresh=is_fresh,
            needs_person=holds[machine.id] == S.UNCLEAR,
            held=holds[machine.id] in {S.HELD, S.STARTING},
            held_after=row.held_after,
            overdue=bool(overdue.get(machine.id)),
        )
        built = Built(row.name, row.protocol, row.bed_form, row.bed_tolerance_mm)
        status = known.status if known and is_fresh else None
        at = known.updated_at if known else None
        closed = lent_text(_lent(machine), now)
        found.append(
            LentPrinter(machine, built, state, machine.plate, status, at, ours.get(machine.id), closed)
        )
    return found


def _lent(machine: Machine) -> Lent:
    assert machine.lent is not None  # noqa: S101  # `lent.machines` gave it
    return machine.lent


def _ours(ids: Sequence[UUID]) -> dict[UUID, Ours]:
    """Our prints that hold these machines now."""
    rows = Station.objects.filter(pk__in=ids, hold__org=current_org()).values_list(
        "pk", "hold", "hold__job_key"
    )
    holds = list(rows)
    prints = Print.objects.filter(dispatch_id__in=[row[1] for row in holds], state__in=ACTIVE)
    known = {one.dispatch_id: one for one in prints.select_related("job")}
    return {
        pk: Ours(hold, one.job_id, one.job.number, one.job.name, job_key)
        for pk, hold, job_key in holds
        if (one := known.get(hold))
    }
