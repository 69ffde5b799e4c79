"""Filling an organisation with a demo farm, asked for by a person."""

from celery import current_app
from django.conf import settings
from django.db import transaction

from orgs.models import Org


def available() -> bool:
    """Whether simulated printers can be reached: they live on this machine's loopback.

    The supervisor starts the simulator as soon as the task has written its farm into ODIN_HOME.
    """
    return bool(settings.ALLOW_LOOPBACK_PRINTERS)


def request(org: Org) -> None:
    """Let a worker fill `org` as soon as this transaction is committed."""
    schema = org.schema_name
    transaction.on_commit(lambda: current_app.send_task("demo.fill", args=[schema]), robust=True)
