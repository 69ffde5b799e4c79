"""What the demo's printers were in before it began, made of their prints as printers.history keeps it."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from jobs.models import Print
from printers.models import Stretch
from printers.states import PrinterState

HEATING = timedelta(minutes=3)
# Until somebody cleared the plate, and how often a printer was switched off afterwards.
LEAST_MIN, MOST_MIN = 2, 70
OFF = 0.06

Span = tuple[datetime, datetime]


def add_stretches(prints: Iterable[Print], rng: random.Random) -> int:
    """The states of each printer from its first print until it was added for good; returns how many."""
    by_printer: dict[UUID, list[Span]] = defaultdict(list)
    for one in prints:
        if one.printer_id and one.started_at and one.ended_at:
            by_printer[one.printer_id].append((one.started_at, one.ended_at))
    rows = []
    for printer_id, printed in by_printer.items():
        # What it is in now was noted when it was added.
        until = Stretch.objects.get(printer=printer_id, until=None).since
        begun = sorted(_begun(printed, rng))
        ends = [*(one[0] for one in begun[1:]), until]
        for (since, state, for_plate), next_at in zip(begun, ends, strict=True):
            end = min(next_at, until)
            if since < end:
                rows.append(
                    Stretch(printer_id=printer_id, state=state, for_plate=for_plate, since=since, until=end)
                )
    return len(Stretch.objects.bulk_create(rows, batch_size=1000))


def _begun(printed: Iterable[Span], rng: random.Random) -> Iterator[tuple[datetime, PrinterState, bool]]:
    """When it came into which state. A print that came sooner cuts short what the one before had left."""
    order = sorted(printed)
    for (started, ended), later in zip(order, [*order[1:], None], strict=True):
        next_at = later[0] - HEATING if later else None
        yield started - HEATING, PrinterState.PREPARING, False
        yield started, PrinterState.PRINTING, False
        clear_at = ended + timedelta(minutes=rng.randrange(LEAST_MIN, MOST_MIN))
        if next_at is None or ended < next_at:
            yield ended, PrinterState.NEEDS_YOU, True
        if next_at is None or clear_at < next_at:
            is_off = rng.random() < OFF
            yield clear_at, PrinterState.OFFLINE if is_off else PrinterState.READY, False
