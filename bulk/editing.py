"""Rows of our own database: each edit and its outcome are one transaction, so it happens exactly once."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.members import present_membership
from orgs.models import Membership

from .actions import Refused
from .models import Item, Run
from .outcomes import LOST, act, acting_for, done, find_rows, refused

logger = logging.getLogger(__name__)
CHUNK = 100
# What a worker claimed and has not done by then is free for another.
LEASE = timedelta(seconds=30)


class TakenOver(Exception):
    """Another worker has claimed the row since; what was done to it here is rolled back."""


def do_chunk(run: Run) -> int:
    """Do up to CHUNK waiting rows that no other worker has claimed; how many. Raises what is in LOST."""
    items = _claim(run)
    if not items:
        return 0
    membership = present_membership(run.by)
    rows = find_rows(run, membership, items)
    with acting_for(run), _not_waiting_for_the_disk():
        for item in items:
            _do_one(run, item, rows.get(item.row), membership)
    return len(items)


def _claim(run: Run) -> list[Item]:
    now = timezone.now()
    free = run.items.filter(Q(since=None) | Q(since__lt=now - LEASE), state=Item.State.WAITING)
    order = "-row" if not run.undo_of_id and run.definition.is_backwards(run.values) else "row"
    with transaction.atomic():
        items = list(free.select_for_update(skip_locked=True, no_key=True).order_by(order)[:CHUNK])
        Item.objects.filter(pk__in=[item.pk for item in items]).update(since=now)
    for item in items:
        item.since = now
    return items


def _do_one(run: Run, item: Item, row: Any, membership: Membership | None) -> None:
    """A transaction a row, as an edit may lock more than its row: with the locks of a hundred rows held, two
    runs would soon wait for each other."""
    try:
        with transaction.atomic():
            _settle(item, done(act(run, item, row, membership)))
    except LOST:
        raise
    except TakenOver:
        return
    except run.kind.for_people as reason:
        _refuse(item, reason)
    except Exception:  # a mistake of ours in one row must not keep the others waiting
        logger.exception("bulk run %s: %s of %s", run.pk, run.action, item.row)
        _refuse(item, Refused(_("Something went wrong here. It has been logged.")))


def _settle(item: Item, fields: dict[str, Any]) -> None:
    """Write down what became of a row that is still ours, else TakenOver."""
    ours = Item.objects.filter(pk=item.pk, state=Item.State.WAITING, since=item.since)
    if not ours.update(**fields):
        raise TakenOver


def _refuse(item: Item, reason: Exception) -> None:
    try:
        _settle(item, refused(reason))
    except TakenOver:
        return


@contextmanager
def _not_waiting_for_the_disk() -> Iterator[None]:
    """Spare the wait for the disk at the end of each row's transaction.

    If the power fails, the last rows and their outcomes are lost together, and both are done again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        # A connection that broke takes the setting with it.
        if connection.connection is not None and not connection.needs_rollback:
            _reset()


def _reset() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
    except LOST:
        connection.close()
