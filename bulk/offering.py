"""The bar under a list: the actions a person may use, and which of them apply to each row shown."""

from collections.abc import Iterable
from typing import Any

from orgs.permissions import may
from orgs.requests import OrgRequest

from .actions import BulkAction, Kind


def offer(request: OrgRequest, kind: Kind, rows: Iterable[Any]) -> dict[str, BulkAction]:
    """The actions by name; each row gets `applies`, the names of those that apply to it, for its tick box.

    Asks the database nothing: `rows` must have what the kind's `why_not` looks at.
    """
    actions = {name: action for name, action in kind.actions.items() if may(request, action.required)}
    for row in rows:
        fitting = (
            name
            for name, action in actions.items()
            if not kind.why_not(action, request.membership, row, None)
        )
        row.applies = " ".join(fitting)
    return actions
