"""Jobs as the API shows them, built by hand from plain rows: a list may have thousands."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _

from orgs.current import current_org
from printers import live
from printers.live import Live

from . import outlook
from .expecting import forecast_of, may_wait, why_it_waits
from .lending import lent
from .mapping import Served
from .models import Event, Job, Print
from .outcomes import failure_of_job, outcomes_of
from .outlook import Ahead
from .states import ACTIVE, PrintState, Priority

OF_JOB = (
    "pk", "number", "name", "state", "why_not", "revision__model_id", "revision__number",
    "revision__stored_id", "plate", "copies", "copies_done", "priority", "due_at", "not_before",
    "auto_start", "notes", "by__name", "created_at", "estimate_s", "grams", "cost",
    "target", "target_printer_id", "target_lent_id", "target_tag__name", "target_model", "filaments",
    "department_id",
    "decision_note", "submission",
)  # fmt: skip
STATE, COPIES, DONE = (OF_JOB.index(name) for name in ("state", "copies", "copies_done"))
OF_PRINT = (
    "job_id", "state", "printer_id", "printer_name", "started_at", "printed_s", "copy", "note", "verdict",
    "reason__name", "finding", "reprint_id", "lent_id",
)  # fmt: skip
WORDS = {int(priority): priority.word for priority in Priority}
Row = tuple[Any, ...]


def job_rows(jobs: "QuerySet[Job]") -> Any:
    """`jobs` as the rows that `describe_jobs` takes."""
    return jobs.values_list(*OF_JOB)


def describe_job(job: UUID) -> dict[str, Any]:
    """One job; it must exist in the current organisation."""
    (described,) = describe_jobs(list(job_rows(Job.objects.filter(pk=job))))
    return {**described, "prints": outcomes_of(job)}


def describe_jobs(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """In two queries and two questions to Redis, whatever the number of rows."""
    ids = [row[0] for row in rows]
    prints, history = _prints_of(ids), _history_of(ids)
    on = [one["printer_id"] for found in prints.values() for one in found if one["state"] in ACTIVE]
    running = [pk for pk in on if pk]
    statuses = live.read(current_org().pk, running) if running else {}
    statuses |= lent.heard_of(
        one["lent_id"]
        for found in prints.values()
        for one in found
        if one["state"] in ACTIVE and one["lent_id"]
    )
    currency = current_org().currency
    ahead = outlook.ahead_of(row[0] for row in rows if may_wait(row[STATE], row[COPIES], row[DONE]))
    return [
        _job(
            dict(zip(OF_JOB, row, strict=True)),
            prints[row[0]],
            history[row[0]],
            statuses,
            currency,
            ahead.get(row[0]),
        )
        for row in rows
    ]


def _prints_of(ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The copies that have been or are on a printer, the latest first; then those that failed without one."""
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    begun = Q(printer_name__gt="") | Q(state=PrintState.FAILED)
    unprinted = ExpressionWrapper(Q(printer_name=""), BooleanField())
    rows = Print.objects.filter(begun, job__in=ids).order_by(unprinted, "-started_at")
    for row in rows.values_list(*OF_PRINT):
        found[row[0]].append(dict(zip(OF_PRINT, row, strict=True)))
    return found


def _history_of(ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = Event.objects.filter(job__in=ids).order_by("pk")
    for job_id, state, at, by, note in rows.values_list("job_id", "state", "at", "by", "note"):
        found[job_id].append({"state": state, "at": at, "by": by, "note": note})
    return found


def _job(
    row: dict[str, Any],
    prints: list[dict[str, Any]],
    history: list[dict[str, Any]],
    statuses: dict[UUID, Live],
    currency: str,
    ahead: Ahead | None,
) -> dict[str, Any]:
    running = next((one for one in prints if one["state"] in ACTIVE), prints[0] if prints else None)
    printer = (running["printer_id"] or running["lent_id"]) if running else None
    return {
        "id": str(row["pk"]),
        "number": row["number"],
        "name": row["name"],
        "state": row["state"],
        "waits_because": why_it_waits(row["why_not"], ahead) or None,
        "forecast": forecast_of(row, prints, statuses, ahead),
        "model_id": str(row["revision__model_id"]),
        "revision": {"number": row["revision__number"], "sha256": row["revision__stored_id"]},
        "plate": row["plate"],
        "target": describe_target(row),
        "filaments": row["filaments"],
        "printer_id": str(printer) if printer else None,
        "copies": row["copies"],
        "copies_done": row["copies_done"],
        "priority": WORDS[row["priority"]],
        "due_at": row["due_at"],
        "not_before": row["not_before"],
        "auto_start": row["auto_start"],
        "notes": row["notes"],
        "by": row["by__name"],
        "created_at": row["created_at"],
        "department_id": str(row["department_id"]) if row["department_id"] else None,
        "estimate_s": row["estimate_s"],
        "actual_s": sum(one["printed_s"] for one in prints if one["printed_s"] is not None)
        if prints
        else None,
        "grams": float(row["grams"]),
        "cost": str(row["cost"]) if row["cost"] is not None else None,
        "currency": currency,
        "failure": failure_of_job(prints),
        "prints": None,
        "decision_note": row["decision_note"],
        "submission": row["submission"],
        "history": history,
    }


def describe_target(row: dict[str, Any]) -> dict[str, Any]:
    """Of a job or a preset; what was deleted is null."""
    wanted = row["target_printer_id"] or row.get("target_lent_id")
    said: dict[str, dict[str, Any]] = {
        Job.Target.PRINTER: {"printer_id": str(wanted) if wanted else None},
        Job.Target.TAG: {"tag": row["target_tag__name"]},
        Job.Target.MODEL: {"printer_model": row["target_model"]},
    }
    return said.get(row["target"], {"any": True})


def describe_slots(served: Served | None) -> dict[str, Any]:
    """What each filament of a file gets on a printer, as api.md has it; nothing where no printer fits."""
    if served is None:
        return {"printer_id": None, "filaments": [], "doubts": [_("No printer fits.")], "warnings": []}
    return {
        "printer_id": served.machine.id,
        "filaments": [
            {
                "filament": row.need.index,
                "material": row.need.material,
                "color": row.need.color,
                "grams": round(row.takes_g, 2),
                "slot": row.slot.index if row.slot else None,
                "slot_material": row.slot.material if row.slot else None,
                "slot_color": row.slot.color if row.slot else None,
                "grams_left": row.slot.grams_left if row.slot else None,
                "short_grams": round(row.short_g, 2),
            }
            for row in served.rows
        ],
        "doubts": served.doubts,
        "warnings": served.warnings,
    }
