"""The fleet now: everything a card, a row or the API tells of printers, gathered at once for many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from inventory import rfid
from inventory.filament import differs
from jobs.models import GuestPrint, Print
from jobs.states import ACTIVE
from maintenance.holding import Care, cares_of
from orgs.current import current_org
from orgs.models import Org
from printers import live
from printers.drivers.driver import MachineState, Status
from printers.models import Printer, Slot
from printers.states import shown
from stations.models import DispatchState, Plate, Station

from . import among  # noqa: F401  # registers the lookup
from .shown import WITH_A_PRINT, Guest, Label, Loaded, Shown, Work

NOTHING_SAID = Status(MachineState.UNKNOWN)
# Holds of which the machine itself may know nothing yet.
ON_THE_WAY = frozenset({DispatchState.HELD, DispatchState.STARTING})


class Place(NamedTuple):
    """What the machine's row in the public schema says."""

    plate: str
    plate_epoch: int
    hold_state: str | None
    hold_org: UUID | None
    hold_id: UUID | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was read for many printers at once."""

    places: dict[UUID, Place]
    told: dict[UUID, live.Live]
    labels: dict[UUID, list[Label]]
    slots: dict[UUID, list[Loaded]]
    works: dict[UUID, Work]
    last_numbers: dict[UUID, int]
    cares: dict[UUID, Care]
    guests: dict[UUID, Guest]
    now: datetime


def gather(printers: Iterable[Printer], *, details: bool = True) -> list[Shown]:
    """Everything shown of `printers`, in their order: seven queries, one round trip to Redis, however many.

    `details=False` leaves out tags, slots and the number of the job on the plate: four queries.
    """
    rows = list(printers)
    ids = [row.pk for row in rows]
    if not ids:
        return []
    told = live.read(current_org().pk, ids)
    places, works = _places(ids), _works(ids)
    labels, slots, last = ({}, {}, {}) if not details else (_labels(ids), _slots(ids), _last(places, works))
    found = Found(places, told, labels, slots, works, last, cares_of(ids), _guests(places), timezone.now())
    return [_show(row, found) for row in rows]


def _show(row: Printer, found: Found) -> Shown:
    place, entry, work = found.places[row.pk], found.told.get(row.pk), found.works.get(row.pk)
    is_fresh = live.is_fresh(entry, row.protocol, found.now)
    said = entry.status if entry and is_fresh else NOTHING_SAID
    print_ = said if said.state in WITH_A_PRINT else NOTHING_SAID
    care = found.cares.get(row.pk)
    guest = found.guests.get(row.pk)
    asks = place.hold_state == DispatchState.UNCLEAR
    updated_at = entry.updated_at if entry else None
    return Shown(
        row=row,
        pk=row.pk,
        name=row.name,
        model=row.model,
        protocol=row.protocol,
        location=row.location,
        labels=tuple(found.labels.get(row.pk, ())),
        enabled=row.enabled,
        out_of_service_reason=row.out_of_service_reason,
        state=shown(
            entry.status if entry else None,
            enabled=row.enabled,
            out_of_service=bool(row.out_of_service_reason),
            plate=place.plate,
            fresh=is_fresh,
            needs_person=asks,
            held=place.hold_state in ON_THE_WAY,
            held_after=row.held_after,
            overdue=bool(care and care.held_by),
        ),
        machine=said.state,
        plate=place.plate,
        plate_epoch=place.plate_epoch,
        asks=asks,
        is_taken=place.hold_state is not None,
        held_after=row.held_after,
        care=care.standing.value if care else "",
        overdue=care.held_by if care else "",
        last_number=found.last_numbers.get(row.pk),
        slots=tuple(found.slots.get(row.pk, ())),
        work=work,
        guest=guest,
        progress=print_.progress,
        remaining_s=print_.remaining_s,
        ends_at=_ends_at(print_, updated_at, work or guest) if print_ is said else None,
        nozzle=said.nozzles[0] if said.nozzles else None,
        bed=said.bed,
        chamber=said.chamber,
        layer=print_.layer,
        layers=print_.layers,
        # What another organisation prints is its own affair.
        file="" if guest else print_.file,
        job_key=print_.job_key,
        faults=said.faults,
        problem=entry.problem if entry else "",
        is_fresh=is_fresh,
        adjusted=tuple(said.adjusted.items()),
        updated_at=updated_at,
    )


def _ends_at(status: Status, updated_at: datetime | None, work: Work | Guest | None) -> datetime | None:
    """By what the printer says is left, else by what the slicer said at the start."""
    if status.remaining_s is not None and updated_at is not None:
        ends = updated_at + timedelta(seconds=status.remaining_s + 30)
    elif work and work.started_at and work.estimate_s:
        ends = work.started_at + timedelta(seconds=work.estimate_s + 30)
    else:
        return None
    return ends.replace(second=0, microsecond=0)


def _places(ids: Sequence[UUID]) -> dict[UUID, Place]:
    rows = Station.objects.filter(pk__among=ids).values_list(
        "pk", "plate", "plate_epoch", "hold__state", "hold__org", "hold"
    )  # fmt: skip
    return {row[0]: Place(*row[1:]) for row in rows}


def _guests(places: dict[UUID, Place]) -> dict[UUID, Guest]:
    """Whose print each printer is held for, where it is another organisation's."""
    own = current_org().pk
    held = {
        place.hold_id: pk
        for pk, place in places.items()
        if place.hold_id and place.hold_org not in {None, own}
    }
    if not held:
        return {}
    orgs = Org.objects.in_bulk({places[pk].hold_org for pk in held.values()})
    known = {one.dispatch_id: one for one in GuestPrint.objects.filter(dispatch_id__in=list(held))}
    found = {}
    for dispatch_id, pk in held.items():
        one, org = known.get(dispatch_id), orgs.get(places[pk].hold_org or pk)
        name = org.name if org else ""
        if one is None:
            found[pk] = Guest(name)
        else:
            found[pk] = Guest(name, one.pk, one.material, one.size, one.began_at, one.estimate_s)
    return found


def _labels(ids: Sequence[UUID]) -> dict[UUID, list[Label]]:
    found: dict[UUID, list[Label]] = {}
    rows = Printer.tags.through.objects.filter(printer__among=ids).order_by("tag__name")
    for pk, name, hue in rows.values_list("printer_id", "tag__name", "tag__hue"):
        found.setdefault(pk, []).append(Label(name, hue))
    return found


def _slots(ids: Sequence[UUID]) -> dict[UUID, list[Loaded]]:
    found: dict[UUID, list[Loaded]] = {}
    rows = Slot.objects.filter(printer__among=ids).order_by("printer_id", "index").values_list(
        "printer_id", "pk", "index", "material", "color", "spool__pk", "spool__number", "spool__initial_g",
        "spool__used_g", "spool__filament__material", "spool__filament__color", "spool__filament__color_name",
        "tag",
    )  # fmt: skip
    slots = list(rows)
    strange = rfid.strange(slot[-1] for slot in slots)
    for slot in slots:
        found.setdefault(slot[0], []).append(_loaded(slot[1:-1], has_strange_tag=slot[-1] in strange))
    return found


def _loaded(slot: tuple[Any, ...], *, has_strange_tag: bool) -> Loaded:
    pk, index, material, color, spool, number, initial_g, used_g, ours, our_color, color_name = slot
    if spool is None:
        return Loaded(pk, index, material, color, has_strange_tag=has_strange_tag)
    left_g = max(Decimal(0), initial_g - used_g)
    return Loaded(
        pk,
        index,
        ours,
        our_color,
        color_name,
        spool,
        number,
        left_g,
        share=float(left_g / initial_g) if initial_g else 0.0,
        told=material if differs((material, color), (ours, our_color)) else "",
        has_strange_tag=has_strange_tag,
    )


def _works(ids: Sequence[UUID]) -> dict[UUID, Work]:
    rows = Print.objects.filter(printer__among=ids, state__in=ACTIVE).values_list(
        "printer_id", "job_id", "job__number", "job__name", "state", "started_at", "estimate_s", "job__by_id"
    )
    return {row[0]: Work(*row[1:]) for row in rows if row[0]}


def _last(places: dict[UUID, Place], works: dict[UUID, Work]) -> dict[UUID, int]:
    """The number of the job that printed last, of each that may still have it on its plate."""
    ids = [pk for pk, place in places.items() if place.plate == Plate.OCCUPIED and pk not in works]
    if not ids:
        return {}
    rows = Print.objects.filter(printer__among=ids, started_at__isnull=False)
    latest = rows.order_by("printer_id", "-started_at").distinct("printer_id")
    guests = dict(
        GuestPrint.objects.filter(printer__among=ids).values_list("printer").annotate(last=Max("began_at"))
    )
    return {
        pk: number
        for pk, number, at in latest.values_list("printer_id", "job__number", "started_at")
        if pk not in guests or at > guests[pk]
    }
