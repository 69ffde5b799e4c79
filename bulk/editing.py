"""Rows of our own database: each edit and its outcome are one transaction, so it happens exactly once."""

from typing import Any

from django.db import connection, transaction

from orgs.members import present_membership
from orgs.models import Membership

from .models import Item, Run
from .outcomes import acting_for, find_rows, outcome

CHUNK = 100


def do_chunk(run: Run) -> int:
    """Do up to CHUNK waiting rows; how many this worker did. What another is at is left to it."""
    waiting = list(run.items.filter(state=Item.State.WAITING).order_by("row")[:CHUNK])
    if not waiting:
        return 0
    membership = present_membership(run.by)
    rows = find_rows(run, membership, waiting)
    with acting_for(run):
        return sum(_do_one(run, item, rows.get(item.row), membership) for item in waiting)


def _do_one(run: Run, item: Item, row: Any, membership: Membership | None) -> bool:
    """Whether this worker did it; another may hold it or have done it.

    A transaction a row, as an edit may lock more than its row: with the locks of a hundred rows held, two
    runs would soon wait for each other.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # If the power fails, a row and its outcome are lost together, and both are done again. Only the
            # wait for the disk is spared, once for each row.
            cursor.execute("SET LOCAL synchronous_commit TO off")
        free = Item.objects.select_for_update(skip_locked=True, no_key=True)
        if not free.filter(pk=item.pk, state=Item.State.WAITING).values_list("pk").first():
            return False
        Item.objects.filter(pk=item.pk).update(**outcome(run, item, row, membership))
    return True
