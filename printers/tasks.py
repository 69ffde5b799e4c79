"""Celery tasks of the printers."""

from datetime import datetime

from django.utils import timezone

from orgs import agenda
from orgs.tasks import org_task

from . import telemetry


@org_task(name="printers.keep_readings", due=True)
def keep_readings() -> datetime | None:
    """Every minute until one passes in which nothing was measured."""
    now = timezone.now()
    if not telemetry.keep():
        return None
    agenda.due_at("printers.drop_readings", telemetry.next_night(now))
    return now + telemetry.MINUTE


@org_task(name="printers.drop_readings", due=True)
def drop_readings() -> datetime | None:
    now = timezone.now()
    return telemetry.next_night(now) if telemetry.drop_old(now) else None
