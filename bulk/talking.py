"""Actions that talk to machines: never twice, and without a transaction while talking."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from orgs.current import current_org, release_connection
from orgs.members import present_membership
from orgs.models import Membership

from .actions import Refused
from .models import Item, Run
from .outcomes import act, acting_for, check_may, done, find_rows, refused

logger = logging.getLogger(__name__)
# Machines are slow to answer: that many workers share a run, each with one machine at a time, or with as
# many as are told at once.
HANDS = 4
TOGETHER = 256
# Longer than any machine is waited for.
DOUBT_AFTER = timedelta(minutes=5)


def call_hands(run: Run, waiting: int) -> None:
    """Let workers share the run as soon as this transaction is committed."""
    schema, pk = current_org().schema_name, str(run.pk)
    for _hand in range(min(HANDS, waiting)):
        transaction.on_commit(lambda: current_app.send_task("bulk.talk", args=[schema, pk]), robust=True)


def do_next(run: Run) -> bool:
    """Do what nobody has begun, one row, or many where they are done together; False if there is none.

    That they are begun is committed first: whoever dies while talking leaves them `doing`, and nobody does
    them again.
    """
    items = _claim(run)
    if not items:
        return False
    with acting_for(run):
        for item, fields in _talk(run, items):
            # Nobody else ends what is `doing`, except as in doubt when it took too long: that stays.
            Item.objects.filter(pk=item.pk, state=Item.State.DOING).update(**fields)
            release_connection()
    return True


def settle_doubt(run: Run) -> int:
    """Refuse what was begun long ago and never ended, because its worker died; how many."""
    lost = run.items.filter(state=Item.State.DOING, since__lt=Now() - DOUBT_AFTER)
    return lost.update(**refused(_doubt()))


def _claim(run: Run) -> list[Item]:
    most = TOGETHER if run.definition.together and not run.undo_of_id else 1
    with transaction.atomic():
        waiting = run.items.filter(state=Item.State.WAITING).order_by("row")
        items = list(waiting.select_for_update(skip_locked=True, no_key=True)[:most])
        Item.objects.filter(pk__in=[item.pk for item in items]).update(state=Item.State.DOING, since=Now())
    return items


def _talk(run: Run, items: Sequence[Item]) -> Iterator[tuple[Item, dict[str, Any]]]:
    """Each item with what becomes of it, as soon as that is known."""
    membership = present_membership(run.by)
    rows = find_rows(run, membership, items)
    if run.definition.together and not run.undo_of_id:
        yield from _all(run, items, rows, membership)
        return
    for item in items:
        yield item, _settled(run, item.row, partial(act, run, item, rows.get(item.row), membership))


def _all(
    run: Run, items: Sequence[Item], rows: Mapping[UUID, Any], membership: Membership | None
) -> Iterator[tuple[Item, dict[str, Any]]]:
    assert run.definition.together  # noqa: S101  # looked at by the caller
    left: dict[UUID, Item] = {}
    for item in items:
        try:
            check_may(run, item, rows.get(item.row), membership)
        except run.kind.for_people as reason:
            yield item, refused(reason)
        else:
            left[item.row] = item
    try:
        for row, outcome in run.definition.together([rows[pk] for pk in left], run.values):
            item = left.pop(row.pk)
            yield item, _settled(run, row.pk, partial(_given, outcome))
    except Exception:  # as for one row, of all that were not heard of yet
        logger.exception("bulk run %s: %s", run.pk, run.action)
        for item in left.values():
            yield item, refused(_doubt())


def _given(outcome: Any) -> Any:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _settled(run: Run, row: UUID, answer: Callable[[], Any]) -> dict[str, Any]:
    try:
        return done(answer())
    except run.kind.for_people as reason:
        return refused(reason)
    except Exception:  # the machine may have done it, whatever went wrong with us afterwards
        logger.exception("bulk run %s: %s of %s", run.pk, run.action, row)
        return refused(_doubt())


def _doubt() -> Refused:
    return Refused(_("It isn't known whether it was done. Look at it."))
