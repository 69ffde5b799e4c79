"""What printers measure while a print is on them: one reading a minute.

`collect` puts the first report of a minute into Redis, in the process that took it in; `keep` writes what is
there into PostgreSQL, many at once, from the agenda. A reading that two processes took is one: its field in
Redis and its row are named by printer and minute. So nothing is lost or doubled where either runs twice.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import orjson
from django.db.models import Avg, DateTimeField, DurationField, F, Func, Max, Value
from django.utils import timezone

from orgs.current import current_org
from orgs.keys import org_key, redis_client

from .drivers.driver import MachineState, Status
from .drivers.readings import celsius, number
from .models import Printer, Reading

TAKEN = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})
KEPT = timedelta(days=90)
MINUTE = timedelta(minutes=1)
# Should nobody write them for so long, the oldest are given up rather than Redis.
WAITS_S = 6 * 3600
BATCH = 2000
NIGHT = 3

# The last minute of each printer, and the last in which each organisation's `keep` was made due.
_taken: dict[UUID, int] = {}
_asked: dict[UUID, int] = {}


@dataclass(frozen=True, slots=True)
class Point:
    """Means of what was measured from `at` on, degrees Celsius; `progress` is the greatest, 0 to 1."""

    at: datetime
    nozzle_c: float | None
    bed_c: float | None
    chamber_c: float | None
    progress: float | None


def collect(org_id: UUID, printer_id: UUID, status: Status) -> bool:
    """Note the first report of each minute of a print; True if `keep` has to be made due within a minute.

    Costs a look into a dict, and for one report a minute one round trip to Redis.
    """
    minute = int(time.time() // 60)
    if status.state not in TAKEN or _taken.get(printer_id) == minute:
        return False
    _taken[printer_id] = minute
    measured = _measured(status)
    if not any(value is not None for value in measured):
        return False
    key = _key(org_id)
    with redis_client().pipeline(transaction=False) as pipe:
        pipe.hsetnx(key, f"{printer_id}:{minute}", orjson.dumps(measured).decode())
        pipe.expire(key, WAITS_S)
        pipe.execute()
    if _asked.get(org_id) == minute:
        return False
    _asked[org_id] = minute
    return True


def keep() -> bool:
    """Write what was collected in the organisation in use; whether there was anything."""
    key = _key(current_org().pk)
    found = cast("dict[bytes, bytes]", redis_client().hgetall(key))
    rows = [_reading(name.decode(), orjson.loads(told)) for name, told in found.items()]
    known = set(Printer.objects.filter(pk__in={row.printer_id for row in rows}).values_list("pk", flat=True))
    there = [row for row in rows if row.printer_id in known]
    Reading.objects.bulk_create(there, batch_size=BATCH, ignore_conflicts=True)
    names = list(found)
    for start in range(0, len(names), BATCH):
        redis_client().hdel(key, *names[start : start + BATCH])
    return bool(names)


def drop_old(now: datetime) -> bool:
    """Delete what is older than KEPT; whether anything is left that will be."""
    Reading.objects.filter(at__lt=now - KEPT).delete()
    return Reading.objects.exists()


def next_night(now: datetime) -> datetime:
    """The next three o'clock in the zone in use."""
    local = timezone.localtime(now)
    night = local.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return night if night > local else night + timedelta(days=1)


def readings_of(printer_id: UUID, start: datetime, end: datetime) -> Sequence[Point]:
    """Each minute that was measured from `start` up to `end`, which is left out."""
    rows = Reading.objects.filter(printer=printer_id, at__gte=start, at__lt=end).order_by("at")
    return [Point(*row) for row in rows.values_list("at", "nozzle_c", "bed_c", "chamber_c", "progress")]


def most_progress(printer_id: UUID, since: datetime) -> float | None:
    """How far a print on it was measured to be since then, 0 to 1."""
    rows = Reading.objects.filter(printer=printer_id, at__gte=since)
    most: float | None = rows.aggregate(most=Max("progress"))["most"]
    return most


def course_of(printer_id: UUID, start: datetime, end: datetime, step: timedelta) -> Sequence[Point]:
    """A point for each `step` from `start` to `end`; empty ones where nothing was measured."""
    place = Func(
        Value(step, DurationField()), F("at"), Value(start), function="date_bin", output_field=DateTimeField()
    )
    rows = Reading.objects.filter(printer=printer_id, at__gte=start, at__lt=end).order_by()
    means = rows.annotate(place=place).values("place").annotate(
        nozzle=Avg("nozzle_c"), bed=Avg("bed_c"), chamber=Avg("chamber_c"), most=Max("progress")
    )  # fmt: skip
    found = {row["place"]: row for row in means}
    points, at = [], start
    while at < end:
        row: dict[str, Any] = found.get(at, {})
        points.append(Point(at, *(row.get(name) for name in ("nozzle", "bed", "chamber", "most"))))
        at += step
    return points


def _measured(status: Status) -> tuple[float | None, ...]:
    heats = (status.nozzles[0] if status.nozzles else None, status.bed, status.chamber)
    return (*(celsius(heat.now_c) if heat else None for heat in heats), number(status.progress, 0, 1))


def _reading(name: str, measured: Sequence[float | None]) -> Reading:
    printer, minute = name.split(":")
    at = datetime.fromtimestamp(int(minute) * 60, UTC)
    nozzle_c, bed_c, chamber_c, progress = measured
    return Reading(
        printer_id=UUID(printer),
        at=at,
        nozzle_c=nozzle_c,
        bed_c=bed_c,
        chamber_c=chamber_c,
        progress=progress,
    )


def _key(org_id: UUID) -> str:
    return org_key(org_id, "telemetry")
