"""Actions that wait for nobody's turn: all rows at once, begun by the process that was asked."""

from datetime import timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from orgs.aside import aside
from orgs.current import current_org, release_connection
from orgs.members import present_membership

from .models import Item, Run
from .outcomes import acting_for, check_may, close, done, find_rows, refused

# What a process left lying when it died is done again after this long, longer than any machine is waited for.
LEFT_AFTER = timedelta(seconds=40)


def call(run: Run) -> None:
    """Let this process do it as soon as this transaction is committed, however busy the workers are.

    They are told too: whoever comes first claims the rows.
    """
    schema, pk = current_org().schema_name, str(run.pk)
    transaction.on_commit(lambda: aside("bulk.rush", lambda: rush(pk)), robust=True)
    transaction.on_commit(lambda: current_app.send_task("bulk.rush", args=[schema, pk]), robust=True)


def rush(pk: str) -> None:
    """Do what nobody has claimed of a run, which may be over or gone."""
    run = Run.objects.select_related("by").filter(pk=pk, ended_at=None).first()
    if run is not None:
        rush_on(run)
        close(run)


def rush_on(run: Run) -> int:
    """Do all rows that nobody has claimed, or claimed long ago; how many."""
    items = {item.row: item for item in _claim(run)}
    if not items:
        return 0
    membership = present_membership(run.by)
    rows = find_rows(run, membership, items.values())
    fitting = []
    with acting_for(run):
        for pk, item in items.items():
            row = rows.get(pk)
            try:
                check_may(run, item, row, membership)
            except run.kind.for_people as reason:
                _settle(item, reason)
            else:
                fitting.append(row)
        for row, outcome in run.definition.rush(fitting) if run.definition.rush else ():
            _settle(items[row.pk], outcome)
            release_connection()
    return len(items)


def _claim(run: Run) -> list[Item]:
    left = Q(state=Item.State.DOING, since__lt=Now() - LEFT_AFTER)
    free = run.items.filter(Q(state=Item.State.WAITING) | left)
    with transaction.atomic():
        items = list(free.select_for_update(skip_locked=True, no_key=True).order_by("row"))
        Item.objects.filter(pk__in=[item.pk for item in items]).update(state=Item.State.DOING, since=Now())
    return items


def _settle(item: Item, outcome: Any) -> None:
    fields = refused(outcome) if isinstance(outcome, Exception) else done(outcome)
    Item.objects.filter(pk=item.pk, state=Item.State.DOING).update(**fields)
