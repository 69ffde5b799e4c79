"""Celery tasks of the queue. Each is a hint: the row it names decides."""

from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.db import close_old_connections

from orgs.tasks import org_task
from printers.drivers.driver import DriverError
from stations.models import Dispatch

from . import planning, reconciling, staging, starting, stopping


@org_task(name="jobs.match", due=True)
def match() -> datetime | None:
    return planning.match_in_turn()


@org_task(name="jobs.stage")
def stage(dispatch_id: str) -> None:
    staging.stage(UUID(dispatch_id))


@org_task(name="jobs.claim")
def claim(dispatch_id: str) -> None:
    """And start at once; should this worker die in between, the reconciler sends `jobs.start`."""
    if starting.claim(UUID(dispatch_id)):
        starting.start_polled(UUID(dispatch_id))


@org_task(name="jobs.start")
def start(dispatch_id: str) -> None:
    starting.start_polled(UUID(dispatch_id))


@org_task(name="jobs.settle_refusal", ends_prints=True)
def settle_refusal(dispatch_id: str) -> None:
    starting.settle_refusal(UUID(dispatch_id))


@org_task(name="jobs.ask_outcome", ends_prints=True)
def ask_outcome(dispatch_id: str) -> None:
    reconciling.ask_outcome(UUID(dispatch_id))


@org_task(name="jobs.cancel_at_printer", ends_prints=True)
def cancel_at_printer(dispatch_id: str) -> None:
    stopping.cancel_at_printer(UUID(dispatch_id))


@org_task(
    name="jobs.clean_up",
    ends_prints=True,
    autoretry_for=(DriverError,),
    retry_backoff=30,
    retry_backoff_max=600,
    max_retries=5,
)
def clean_up(dispatch_id: str) -> None:
    """Take the file of a dispatch that is over off its printer; harmless to repeat, so it is retried."""
    dispatch = Dispatch.objects.get(pk=dispatch_id)
    if dispatch.remote_name:
        starting.remove_file(dispatch)


@shared_task(name="jobs.reconcile")
def reconcile() -> None:
    close_old_connections()
    reconciling.reconcile()
