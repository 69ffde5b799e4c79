"""Filling an organisation with a demo farm, asked for by a person."""

from celery import current_app
from django.conf import settings
from django.db import transaction

from orgs.models import Org


def available() -> bool:
    """Whether a demo farm can be had: the supervisor starts the simulator once its farm is written down."""
    return settings.SUPERVISED and not settings.SIMULATOR_CONFIG.exists()


def request(org: Org) -> None:
    """Let a worker fill `org` as soon as this transaction is committed."""
    schema = org.schema_name
    transaction.on_commit(lambda: current_app.send_task("demo.fill", args=[schema]), robust=True)
