"""What state each printer was shown in, and how long: a row for each stretch of time, none for a report.

A stretch lasts until another state is noted. Overdue maintenance is not told apart here: it is known only
above printers, so a printer that waits for it counts as ready.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from orgs.current import current_org
from stations.models import DispatchState, Plate, Station

from . import live
from .drivers.driver import Status
from .models import Printer, Stretch
from .states import PrinterState, shown

# Of a printer that was shown so already, silence is no news.
SILENT = frozenset({PrinterState.OFFLINE, PrinterState.UNKNOWN, PrinterState.OUT_OF_SERVICE})
ON_THE_WAY = frozenset({DispatchState.HELD, DispatchState.STARTING})


@dataclass(frozen=True, slots=True)
class Seen:
    """A state, and whether the plate alone is in the way of "ready"."""

    state: PrinterState
    for_plate: bool = False


def note(printer_id: UUID, *, status: Status | None = None, unheard_since: datetime | None = None) -> None:
    """Begin a new stretch if the printer is shown otherwise than before; three queries if it is not.

    Call it last in the transaction of the cause, in the printer's organisation. `status` is what it has just
    reported, else the last one known counts. `unheard_since` tells that nothing was heard from then until
    now: that time counts as offline. Two at once are put in order by the row of the stretch that lasts.
    """
    seen = _seen(printer_id, status)
    if seen is None:
        return
    with transaction.atomic():
        now = timezone.now()
        lasting = Stretch.objects.select_for_update(no_key=True).filter(printer=printer_id, until=None)
        before = lasting.first()
        unheard = unheard_since if before and _was_lost(before, unheard_since) else None
        if before and unheard is None and Seen(PrinterState(before.state), before.for_plate) == seen:
            return
        rows = [_row(printer_id, seen, now)]
        if unheard is not None:
            rows.append(_row(printer_id, Seen(PrinterState.OFFLINE), unheard, now))
        lasting.update(until=unheard or now)
        # Of two who note a printer's first stretch, one is enough.
        Stretch.objects.bulk_create(rows, ignore_conflicts=True)


def note_out(ids: Collection[UUID]) -> None:
    """All of these are out of service now: two queries however many, for an emergency stop."""
    now = timezone.now()
    lasting = Stretch.objects.filter(printer__in=ids, until=None).exclude(state=PrinterState.OUT_OF_SERVICE)
    with transaction.atomic():
        changed = list(
            lasting.select_for_update(no_key=True).order_by("pk").values_list("printer_id", flat=True)
        )
        lasting.update(until=now)
        out = Seen(PrinterState.OUT_OF_SERVICE)
        Stretch.objects.bulk_create([_row(pk, out, now) for pk in changed if pk], ignore_conflicts=True)


def close(printer_id: UUID) -> None:
    """The printer is deleted: what it is in lasts no longer. What it was in stays."""
    Stretch.objects.filter(printer=printer_id, until=None).update(until=timezone.now())


def _was_lost(before: Stretch, unheard_since: datetime | None) -> bool:
    if unheard_since is None or before.state in SILENT:
        return False
    return before.since < unheard_since < timezone.now()


def _row(printer_id: UUID, seen: Seen, since: datetime, until: datetime | None = None) -> Stretch:
    return Stretch(
        printer_id=printer_id, state=seen.state, for_plate=seen.for_plate, since=since, until=until
    )


def _seen(printer_id: UUID, status: Status | None) -> Seen | None:
    """How the printer is shown now; None for one that is gone."""
    row = Printer.objects.filter(pk=printer_id).only(
        "protocol", "enabled", "out_of_service_reason", "failed_in_row", "held_at"
    ).first()  # fmt: skip
    station = Station.objects.filter(pk=printer_id, deleted_at=None).values_list("plate", "hold__state")
    place = station.first()
    if row is None or place is None:
        return None
    plate, hold = place
    is_fresh = status is not None
    if status is None:
        known = live.read(current_org().pk, [printer_id]).get(printer_id)
        status = known.status if known else None
        is_fresh = live.is_fresh(known, row.protocol, timezone.now())

    def as_with(plate: str) -> PrinterState:
        return shown(
            status,
            enabled=row.enabled,
            out_of_service=bool(row.out_of_service_reason),
            plate=plate,
            fresh=is_fresh,
            needs_person=hold == DispatchState.UNCLEAR,
            held=hold in ON_THE_WAY,
            held_after=row.held_after,
        )

    state = as_with(plate)
    waits = state is PrinterState.NEEDS_YOU and as_with(Plate.CLEAR) is PrinterState.READY
    return Seen(state, waits)
