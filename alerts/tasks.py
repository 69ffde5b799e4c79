"""Celery tasks of alerts."""

from datetime import datetime, timedelta

from celery import shared_task
from django.db import close_old_connections, transaction

from orgs import agenda
from orgs.tasks import org_task

from . import holding, sending
from .holding import TASK

# The sweep's work is spread, for it is one run in every organisation.
WITHIN = timedelta(hours=1)


@org_task(name="alerts.send", due=True)
def send() -> datetime | None:
    return sending.send_in_turn()


@org_task(name="alerts.hold_anew", due=True)
def hold_anew() -> None:
    """The organisation's clock has changed, by which quiet hours go."""
    with transaction.atomic():
        holding.hold_anew(None)
        agenda.due_now(TASK)


@shared_task(name="alerts.sweep", ignore_result=True)
def sweep() -> None:
    """Each night every organisation looks whether anything waits that its agenda does not know of."""
    close_old_connections()
    agenda.sweep(TASK, WITHIN)
