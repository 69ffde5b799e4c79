"""Tasks, hours and log as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from printers.models import Printer

from . import nozzles, wording
from .counting import meter_of
from .due import Used
from .models import LogEntry, Meter, Task
from .reckoning import reckoned

LATEST = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A task as its row shows it; `share` of its interval is used up."""

    task: Task
    standing: str
    share: float
    every: str
    left: str


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What a printer's page tells of its maintenance."""

    lines: list[Line]
    log: list[LogEntry]
    hours: str
    nozzle_hours: str
    meter: Meter


def of_printer(printer: Printer) -> Upkeep:
    """Three queries."""
    meter = meter_of(printer)
    tasks = reckoned(Task.objects.filter(printer=printer)).order_by("-share", "name")
    log = LogEntry.objects.filter(printer=printer).select_related("by")[:LATEST]
    return Upkeep(
        lines_of(tasks),
        list(log),
        wording.hours(meter.printed_s),
        wording.hours(nozzles.used_s(meter)),
        meter,
    )


def lines_of(tasks: "Iterable[Any]") -> list[Line]:
    """Of tasks as `reckoned` gives them."""
    return [
        Line(
            task,
            task.standing,
            task.share,
            wording.every(task.interval),
            wording.left(task.interval, Used(task.used_s, task.days)),
        )
        for task in tasks
    ]


def with_newest(entries: "QuerySet[LogEntry]") -> "QuerySet[LogEntry]":
    """`entries` with `is_newest`: whether it can be taken back, as `doing.why_not` says of each."""
    later = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    same = Q(kind=LogEntry.Kind.NOZZLE) | Q(task=OuterRef("task"))
    after = LogEntry.objects.filter(later, same, kind=OuterRef("kind"), printer=OuterRef("printer"))
    is_there = Q(printer__isnull=False) & (Q(task__isnull=False) | Q(kind=LogEntry.Kind.NOZZLE))
    return entries.annotate(is_newest=is_there & ~Exists(after))
