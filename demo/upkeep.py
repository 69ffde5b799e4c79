"""The maintenance of the demo: hours on the meters, tasks from templates, one overdue, and what was done."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from jobs.models import Print
from maintenance import copying, nozzles
from maintenance.due import HOUR_S
from maintenance.examples import EXAMPLES
from maintenance.models import LogEntry, Meter, Task
from maintenance.setting import today_here
from printers.models import Printer

# The examples used, each with its costs in the log.
USED = {"plate": (0, 1), "rods": (2, 5), "belts": (0, 18)}
NOTES = ("", "", "Grease from the blue tin.", "One side was loose.", "As new.")
# Of their intervals, as the printers come; the first is overdue, the second soon.
SHARES = (1.07, 0.93, 0.62, 0.35, 0.78, 0.12, 0.5)
DAY = timedelta(days=1)


def add(printers: Sequence[Printer], people: Sequence[User], rng: random.Random) -> None:
    """Call it when the history of prints is written: the meters have its hours."""
    meters = _meters(printers, rng)
    for name in USED:
        copying.add(EXAMPLES[name].plan() | {"model": ""})
    Meter.objects.bulk_create(meters.values())
    for printer in printers:
        Meter.objects.filter(printer=printer).update(copied_for=printer.model)
    tasks = list(Task.objects.select_related("printer").order_by("printer__name", "name"))
    for at, task in enumerate(tasks):
        _set_going(task, meters[task.printer_id], SHARES[at % len(SHARES)] if at < 7 else rng.random() * 0.85)
    _log(tasks, meters, people, rng)


def _meters(printers: Sequence[Printer], rng: random.Random) -> dict[Any, Meter]:
    rows = Print.objects.filter(printer__in=printers).values_list("printer").annotate(Sum("printed_s"))
    printed = dict(rows.order_by())
    found = {}
    for printer in printers:
        printed_s = (printed.get(printer.pk) or 0) + rng.randrange(200, 900) * HOUR_S
        fitted_s = printed_s - rng.randrange(20, 180) * HOUR_S
        found[printer.pk] = Meter(
            printer=printer,
            printed_s=printed_s,
            nozzle_since_s=fitted_s,
            nozzle_fitted_at=timezone.now() - rng.randrange(10, 50) * DAY,
        )
    return found


def _set_going(task: Task, meter: Meter, share: float) -> None:
    """Let `share` of the interval be used up."""
    hours, days = task.every_hours or 0, task.every_days or 0
    used_days = int(min(share, 0.9) * days) if days else int(share * 30)
    task.since_s = meter.printed_s - int(share * hours * HOUR_S)
    task.since_on = today_here() - used_days * DAY
    task.done_at = timezone.now() - used_days * DAY
    task.save(update_fields=["since_s", "since_on", "done_at"])


def _log(tasks: Sequence[Task], meters: dict[Any, Meter], people: Sequence[User], rng: random.Random) -> None:
    """The last time of each third task, and a nozzle on every other printer."""
    costs = {str(EXAMPLES[name].name): most for name, (_least, most) in USED.items()}
    lines = [_line(task, rng, people, costs[task.name]) for task in tasks[::3]]
    lines += [_nozzle(meter, rng, people) for meter in list(meters.values())[::2]]
    LogEntry.objects.bulk_create(lines)


def _line(task: Task, rng: random.Random, people: Sequence[User], most: int) -> LogEntry:
    used_s = int((task.every_hours or 300) * HOUR_S * rng.uniform(0.8, 1.1))
    at: datetime = task.done_at or timezone.now()
    return LogEntry(
        printer=task.printer, printer_name=task.printer.name, task=task, what=task.name, at=at,
        by=rng.choice(people), printed_s=max(0, task.since_s), used_s=used_s, note=rng.choice(NOTES),
        cost=Decimal(rng.randrange(0, most * 100 + 1)) / 100,
        before={"used_s": used_s, "since_on": str(task.since_on - 60 * DAY), "done_at": None},
    )  # fmt: skip


def _nozzle(meter: Meter, rng: random.Random, people: Sequence[User]) -> LogEntry:
    printer = meter.printer
    used_s = rng.randrange(200, 400) * HOUR_S
    words = nozzles.words_of(printer.nozzle_mm or 0.4, hardened=printer.hardened_nozzle)
    return LogEntry(
        kind=LogEntry.Kind.NOZZLE, printer=printer, printer_name=printer.name, what=words,
        at=meter.nozzle_fitted_at or timezone.now(), by=rng.choice(people), printed_s=meter.nozzle_since_s,
        used_s=used_s, cost=Decimal(rng.choice(("8.90", "14.50", "24.00"))),
        before={"used_s": used_s, "nozzle_mm": 0.4, "hardened": printer.hardened_nozzle, "fitted_at": ""},
    )  # fmt: skip
