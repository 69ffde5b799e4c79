"""Celery tasks of reports."""

from datetime import datetime

from django.utils import timezone

from orgs.tasks import org_task

from . import planning, working


@org_task(name="reports.work", due=True)
def work() -> datetime | None:
    while planning.plan(timezone.now()) == planning.AT_ONCE:
        continue
    working.work()
    return planning.next_look(timezone.now())


@org_task(name="reports.set_times", due=True)
def set_times() -> None:
    planning.set_times()
