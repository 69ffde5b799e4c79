"""What may be expected of a job, in times and words, from what prints now and from the outlook."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from printers.live import Live

from .outlook import Ahead
from .sentences import where_it_stands
from .states import ACTIVE, WITH_COPIES, JobState


def may_wait(state: str, copies: int, done: int) -> bool:
    """Whether a copy may still wait for a printer: the outlook may be older than the last start."""
    return state == JobState.QUEUED or (state in WITH_COPIES and copies - done > 1)


def why_it_waits(sentence: str, ahead: Ahead | None) -> str:
    """Why it waits, and where it stands in line; empty for a job that does not wait."""
    if not sentence or ahead is None:
        return sentence
    return f"{sentence} {where_it_stands(ahead.place, ahead.fitting)}".strip()


def forecast_of(
    row: Mapping[str, Any],
    prints: Sequence[Mapping[str, Any]],
    statuses: Mapping[UUID, Live],
    ahead: Ahead | None,
) -> dict[str, Any]:
    """A job's forecast as the API gives it. `prints` are its copies that are or were on a printer."""
    running = [one for one in prints if one["state"] in ACTIVE and one["started_at"]]
    waits = ahead is not None and (row["state"] == JobState.QUEUED or ahead.starts_at is not None)
    starts = min((one["started_at"] for one in running), default=None)
    ends: list[datetime | None] = [_end_of(one, statuses) for one in running]
    if waits and ahead is not None:
        starts = starts or ahead.starts_at
        ends.append(ahead.ends_at)
    ends_at = None if None in ends else max((end for end in ends if end), default=None)
    return {
        "starts_at": starts,
        "ends_at": ends_at,
        "by_hand": ahead.by_hand if ahead else None,
        "at_risk": bool(row["due_at"] and ends_at and ends_at > row["due_at"]),
        "place": ahead.place if ahead else None,
        "printers_that_fit": ahead.fitting if ahead else None,
    }


def _end_of(one: Mapping[str, Any], statuses: Mapping[UUID, Live]) -> datetime | None:
    """When a running copy ends, by the printer's own word."""
    known = statuses.get(one["printer_id"] or one["lent_id"])
    if known is None or known.status.remaining_s is None:
        return None
    return known.updated_at + timedelta(seconds=known.status.remaining_s)
