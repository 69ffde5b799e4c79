"""Celery tasks of inventory."""

from orgs.tasks import org_task

from . import warning
from .news import LOOK


@org_task(name=LOOK, due=True)
def look() -> None:
    warning.tell()
