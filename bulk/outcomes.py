"""Doing an action to one row of a run, and what its item says afterwards."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
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
    rows = run.kind.rows(membership).filter(pk__in=[item.row for item in items])
    return {row.pk: row for row in rows}


@contextmanager
def acting_for(run: Run) -> Iterator[None]:
    """What is recorded here is recorded as done by the person of `run`, by way of it."""
    name = str(run.by) if run.by else _("somebody who is gone")
    with acting(Actor(run.by_id, name, f"run {run.pk}", run.address)):
        yield


def act(run: Run, item: Item, row: Any, membership: Membership | None) -> Any:
    """Do it to one row and return what taking it back needs. Raises Refused and the kind's own refusals."""
    kind, action = run.kind, run.definition
    if membership is None:
        raise Refused(_("Whoever began this is no longer a member."))
    if row is None:
        raise Refused(_("is gone"))
    if run.undo_of_id:
        if why := kind.why_not_at_all(action, membership, row):
            raise Refused(why)
        action.undo(row, item.memory or {})
        return None
    if why := kind.why_not(action, membership, row, run.values):
        raise Refused(why)
    return action.run(row, run.values)


def done(memory: Any) -> dict[str, Any]:
    return {"state": Item.State.DONE, "memory": memory}


def refused(reason: Exception) -> dict[str, Any]:
    words = " ".join(reason.messages) if isinstance(reason, ValidationError) else str(reason)
    return {"state": Item.State.REFUSED, "reason": words[:LONGEST_REASON], "memory": None}
