"""Doing an action to one row of a run, and what its item says afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import Actor, acting
from orgs.models import Membership

from .actions import Refused
from .models import LONGEST_REASON, Item, Run

# The database went away or chose us to end a deadlock: that says nothing of the row, which is tried again.
LOST = (OperationalError, InterfaceError)


def find_rows(run: Run, membership: Membership | None, items: Iterable[Item]) -> dict[UUID, Any]:
    """The rows of `items` that the person may see now, by id."""
    if membership is None:
        return {}
    rows = list(run.kind.rows(membership).filter(pk__in=[item.row for item in items]))
    run.kind.look_up(rows)
    return {row.pk: row for row in rows}


@contextmanager
def acting_for(run: Run) -> Iterator[None]:
    """What is recorded here is recorded as done by the person of `run`, by way of it."""
    name = str(run.by) if run.by else _("somebody who is gone")
    with acting(Actor(run.by_id, name, f"run {run.pk}", run.address)):
        yield


def act(run: Run, item: Item, row: Any, membership: Membership | None) -> Any:
    """Do it to one row and return what taking it back needs. Raises Refused and the kind's own refusals."""
    action = run.definition
    check_may(run, item, row, membership)
    if run.undo_of_id:
        action.undo(row, item.memory or {})
        return None
    return action.run(row, run.values)


def check_may(run: Run, item: Item, row: Any, membership: Membership | None) -> None:
    """Refused if it can't be done to the row now; the row then has what was `seen` of it."""
    kind, action = run.kind, run.definition
    if membership is None:
        raise Refused(_("Whoever began this is no longer a member."))
    if row is None:
        raise Refused(_("is gone"))
    row.seen = item.seen
    if run.undo_of_id:
        why = kind.why_not_at_all(action, membership, row)
    else:
        why = kind.why_not(action, membership, row, run.values)
    if why:
        raise Refused(why)


def close(run: Run) -> None:
    """Note that the run is over, if it is. Never in the transaction of a row, which others can't see yet."""
    left = Item.objects.filter(run=OuterRef("pk"), state__in=[Item.State.WAITING, Item.State.DOING])
    Run.objects.filter(~Exists(left), pk=run.pk, ended_at=None).update(ended_at=timezone.now())


def done(memory: Any) -> dict[str, Any]:
    return {"state": Item.State.DONE, "memory": memory}


def refused(reason: Exception) -> dict[str, Any]:
    words = " ".join(reason.messages) if isinstance(reason, ValidationError) else str(reason)
    return {"state": Item.State.REFUSED, "reason": words[:LONGEST_REASON], "memory": None}
