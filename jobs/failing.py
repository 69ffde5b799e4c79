"""Prints that went wrong: which they are, what of them is to be classified, and how many of all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from .models import Print
from .states import PrintState, Verdict

P = PrintState
REJECTED = Q(verdict=Verdict.REJECT)
FAILED = Q(state=P.FAILED)
CANCELLED = Q(state=P.CANCELLED, started_at__isnull=False)
# The first part is the index jobs_print_bad's, word for word. A copy cancelled while it waited is no print.
BAD = (Q(state__in=[P.FAILED, P.CANCELLED]) | REJECTED) & ~Q(state=P.CANCELLED, started_at=None)
TO_CLASSIFY = Q(reason=None) & (FAILED | REJECTED)
WINDOW = timedelta(days=90)
LAST_FAILURES = 6


@dataclass(frozen=True, slots=True)
class Rate:
    """Of `prints` that ended in the window, `failed` failed and `rejected` were rejected."""

    prints: int
    failed: int
    rejected: int


def rate_of(now: datetime | None = None, **where: Any) -> Rate:
    """Of the prints that began within 90 days, completed or failed, by the lookups `where`; one query."""
    since = (now or timezone.now()) - WINDOW
    rows = Print.objects.filter(started_at__gte=since, state__in=[P.COMPLETED, P.FAILED], **where)
    return Rate(
        **rows.aggregate(
            prints=Count("pk"), failed=Count("pk", filter=FAILED), rejected=Count("pk", filter=REJECTED)
        )
    )


def last_failures(printer: UUID) -> list[Print]:
    return list(bad_prints().filter(printer=printer)[:LAST_FAILURES])


def bad_prints() -> "QuerySet[Print]":
    """All that failed, were cancelled while they printed, or were rejected; the newest first."""
    rows = Print.objects.filter(BAD).select_related("job", "reason")
    return rows.order_by("-ended_at", "-pk")
