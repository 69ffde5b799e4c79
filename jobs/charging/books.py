"""The books as they stand: which months are closed, and who may write just now."""

from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from orgs.current import current_org

from .days import booked_on, day_of
from .models import MonthClose


def hold_open() -> None:
    """No month is closed and no card changed until the commit. A job's row is locked before, never after."""
    _lock("pg_advisory_xact_lock_shared")


def hold_alone() -> None:
    """Nobody writes a line until the commit; waits for those who are about to."""
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [f"charges {current_org().schema_name}"])


def today() -> date:
    """By the organisation's clock."""
    return day_of(timezone.now(), current_org().zone)


def booking_day(at: datetime | date) -> date:
    """The day on which a line about `at` counts now; under `hold_open`."""
    day = day_of(at, current_org().zone) if isinstance(at, datetime) else at
    return booked_on(day, today(), set(MonthClose.objects.values_list("month", flat=True)))
