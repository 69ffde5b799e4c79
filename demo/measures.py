"""What the demo's printers measured during the prints of the last week, as printers.telemetry keeps it."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from jobs.models import Print
from printers.models import Reading
from printers.telemetry import BATCH, MINUTE

DAYS = 7
NOZZLE_C, BED_C, ROOM_C, CHAMBER_C = 215.0, 60.0, 23.0, 34.0
# How many minutes nozzle, bed and chamber take to be warm.
NOZZLE_MIN, BED_MIN, CHAMBER_MIN = 2, 4, 40


def add_readings(prints: Iterable[Print], now: datetime, rng: random.Random) -> int:
    """A reading for each minute of those that ended within DAYS; returns how many. PLA, all of them."""
    recent = (one for one in prints if one.ended_at and now - one.ended_at < timedelta(days=DAYS))
    rows = [reading for one in recent for reading in _readings(one, rng)]
    # Two prints may share a minute.
    Reading.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return len(rows)


def _readings(one: Print, rng: random.Random) -> Iterator[Reading]:
    if one.started_at is None or one.ended_at is None:
        return
    start = one.started_at.replace(second=0, microsecond=0)
    minutes = max(1, int((one.ended_at - start) / MINUTE))
    for minute in range(minutes):
        yield Reading(
            printer=one.printer,
            at=start + minute * MINUTE,
            nozzle_c=_warming(NOZZLE_C, minute / NOZZLE_MIN, rng),
            bed_c=_warming(BED_C, minute / BED_MIN, rng),
            chamber_c=_warming(CHAMBER_C, minute / CHAMBER_MIN, rng),
            progress=round((one.progress or 0) * minute / minutes, 3),
        )


def _warming(target_c: float, share: float, rng: random.Random) -> float:
    return round(ROOM_C + (target_c - ROOM_C) * min(1.0, share) + rng.uniform(-0.4, 0.4), 1)
