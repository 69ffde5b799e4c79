"""Actions that talk to machines: never twice, and without a transaction while talking."""

import logging
from datetime import timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from orgs.current import current_org
from orgs.members import present_membership

from .actions import Refused
from .models import Item, Run
from .outcomes import act, acting_for, done, find_rows, refused

logger = logging.getLogger(__name__)
# Machines are slow to answer: that many workers share a run, each with one machine at a time.
HANDS = 4
# Longer than any machine is waited for.
DOUBT_AFTER = timedelta(minutes=5)


def call_hands(run: Run, waiting: int) -> None:
    """Let workers share the run as soon as this transaction is committed."""
    schema, pk = current_org().schema_name, str(run.pk)
    for _hand in range(min(HANDS, waiting)):
        transaction.on_commit(lambda: current_app.send_task("bulk.talk", args=[schema, pk]), robust=True)


def do_next(run: Run) -> bool:
    """Do the next row that nobody has begun; False if there is none.

    That it is begun is committed first: whoever dies while talking leaves it `doing`, and nobody does it
    again.
    """
    item = _claim(run)
    if item is None:
        return False
    with acting_for(run):
        fields = _talk(run, item)
    # Nobody else ends what is `doing`, except as in doubt when it took too long: that stays.
    Item.objects.filter(pk=item.pk, state=Item.State.DOING).update(**fields)
    return True


def settle_doubt(run: Run) -> int:
    """Refuse what was begun long ago and never ended, because its worker died; how many."""
    lost = run.items.filter(state=Item.State.DOING, since__lt=Now() - DOUBT_AFTER)
    return lost.update(**refused(_doubt()))


def _claim(run: Run) -> Item | None:
    with transaction.atomic():
        waiting = run.items.filter(state=Item.State.WAITING).order_by("row")
        item = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if item is not None:
            Item.objects.filter(pk=item.pk).update(state=Item.State.DOING, since=Now())
    return item


def _talk(run: Run, item: Item) -> dict[str, Any]:
    membership = present_membership(run.by)
    row = find_rows(run, membership, [item]).get(item.row)
    try:
        return done(act(run, item, row, membership))
    except run.kind.for_people as reason:
        return refused(reason)
    except Exception:  # the machine may have done it, whatever went wrong with us afterwards
        logger.exception("bulk run %s: %s of %s", run.pk, run.action, item.row)
        return refused(_doubt())


def _doubt() -> Refused:
    return Refused(_("It isn't known whether it was done. Look at it."))
