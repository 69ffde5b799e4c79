"""Celery tasks of maintenance."""

from datetime import datetime

from orgs.tasks import org_task

from . import copying, warning


@org_task(name="maintenance.look", due=True)
def look() -> datetime | None:
    copying.copy_to_new()
    warning.tell()
    return warning.next_look()
