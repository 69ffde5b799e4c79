"""Tasks and the log as the API shows them, built by hand from plain rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from orgs.current import current_org
from printers.models import Printer

from . import nozzles
from .counting import meter_of
from .models import LogEntry, Task
from .reckoning import reckoned

OF_TASK = (
    "pk", "printer_id", "printer__name", "template_id", "name", "instructions", "every_hours", "every_days",
    "warn_percent", "warn_days", "holds", "standing", "share", "used_s", "days", "since_on", "done_at",
    "round",
)  # fmt: skip
OF_ENTRY = (
    "pk", "kind", "printer_id", "printer_name", "task_id", "what", "at", "by__name", "printed_s", "used_s",
    "cost", "note", "photo",
)  # fmt: skip
NAMES = {"pk": "id", "printer__name": "printer", "printer_name": "printer", "standing": "state",
         "share": "used", "by__name": "by"}  # fmt: skip
Row = tuple[Any, ...]


def task_rows(tasks: Any) -> Any:
    """Tasks as `reckoned` gives them, as the rows that `describe_tasks` takes."""
    return tasks.values_list(*OF_TASK)


def describe_task(pk: UUID) -> dict[str, Any]:
    """One task; it must exist in the current organisation."""
    return describe_tasks(list(task_rows(reckoned(Task.objects.filter(pk=pk)))))[0]


def describe_tasks(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [_named(OF_TASK, row) | {"used": round(row[OF_TASK.index("share")], 4)} for row in rows]


def describe_meter(printer: Printer) -> dict[str, Any]:
    meter = meter_of(printer)
    return {
        "printer_id": printer.pk,
        "printed_s": meter.printed_s,
        "nozzle": {
            "nozzle_mm": printer.nozzle_mm,
            "hardened": printer.hardened_nozzle,
            "fitted_at": meter.nozzle_fitted_at,
            "used_s": nozzles.used_s(meter),
        },
    }


def entry_rows(entries: Any) -> Any:
    """Entries of the log as the rows that `describe_entries` takes."""
    return entries.values_list(*OF_ENTRY)


def describe_entry(entry: LogEntry) -> dict[str, Any]:
    return describe_entries(list(entry_rows(LogEntry.objects.filter(pk=entry.pk))))[0]


def describe_entries(rows: Sequence[Row]) -> list[dict[str, Any]]:
    currency = current_org().currency
    found = []
    for row in rows:
        told = _named(OF_ENTRY, row)
        has_photo = bool(told.pop("photo"))
        found.append(told | {"cost": str(told["cost"]), "currency": currency, "has_photo": has_photo})
    return found


def _named(fields: Sequence[str], row: Row) -> dict[str, Any]:
    return {NAMES.get(name, name): value for name, value in zip(fields, row, strict=True)}
