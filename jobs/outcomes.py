"""What became of each copy, as the API tells it."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from .models import Print
from .states import PrintState, Verdict

OF_COPY = (
    "copy", "state", "printer_id", "verdict", "note", "reason__name", "finding", "reprint_id",
)  # fmt: skip
Row = dict[str, Any]


def outcomes_of(job: UUID) -> list[Row]:
    """All copies of one job, in one query."""
    rows = Print.objects.filter(job=job).order_by("copy").values(*OF_COPY)
    return [
        {
            "copy": row["copy"],
            "state": row["state"],
            "printer_id": row["printer_id"],
            "verdict": row["verdict"] or None,
            "failure": failure_of(row),
            "reprinted_as": row["reprint_id"],
        }
        for row in rows
    ]


def failure_of(row: Row) -> dict[str, str] | None:
    """Why this copy failed or is no good; None for one that is not known to be either.

    The reason is the one a person chose, and until then the machine's words, which `source` tells apart. The
    note is the person's, or else the machine's words.
    """
    is_reject = row["verdict"] == Verdict.REJECT
    if not (is_reject or row["state"] == PrintState.FAILED or row["reason__name"]):
        return None
    words = row["note"] or ("" if is_reject else _("The print failed."))
    if is_reject or row["reason__name"]:
        return {
            "reason": row["reason__name"] or "",
            "note": row["finding"] or words,
            "source": "person",
        }
    return {"reason": words, "note": words, "source": "machine"}


def failure_of_job(rows: list[Row]) -> dict[str, str] | None:
    """That of the copy that failed last, of copies with the latest first."""
    return next((failure_of(row) for row in rows if row["state"] == PrintState.FAILED), None)
