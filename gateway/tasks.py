"""The tasks that ask the farm."""

from uuid import UUID

from celery import shared_task
from django.db import close_old_connections

from gateway import identity, poll
from orgs.tasks import org_task


@shared_task(name="gateway.poll_fleet", ignore_result=True)
def poll_fleet() -> None:
    close_old_connections()
    poll.send_chunks()


@org_task(name="gateway.identify", ignore_result=True)
def identify(printer_id: str) -> None:
    identity.identify(UUID(printer_id))


@org_task(name="gateway.poll_chunk", ends_prints=True, ignore_result=True)
def poll_chunk(ids: list[str]) -> None:
    poll.poll_chunk([UUID(pk) for pk in ids])
