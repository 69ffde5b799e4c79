"""Telling the queue, open pages and whoever buys filament that what is loaded, or left, has changed."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from orgs import agenda
from orgs.current import current_org
from printers import live

LOOK = "inventory.look"


def stock_changed() -> None:
    """Look soon whether a filament runs low, or no longer does. It may be called within a transaction."""
    agenda.due_without_waiting(LOOK)


def loaded_changed(printers: Iterable[UUID]) -> None:
    """Once this transaction is committed, match jobs again and let pages fetch these printers anew."""
    org_id, told = current_org().pk, set(printers)
    if told:
        agenda.due_now("jobs.match")
        transaction.on_commit(lambda: live.touch(org_id, told), robust=True)
