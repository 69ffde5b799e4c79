"""The bar under a list: the actions a person may use, and which of them apply to each row shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orgs.permissions import may
from orgs.requests import OrgRequest

from .actions import BulkAction, Kind


@dataclass(frozen=True, slots=True)
class Offer:
    """A button of the bar; `is_here` says whether the action is meant for any row of the page."""

    name: str
    action: BulkAction
    is_here: bool


def offer(request: OrgRequest, kind: Kind, rows: Sequence[Any]) -> list[Offer]:
    """The buttons; each row gets `applies`, the names of the actions that apply to it, for its tick.

    Asks the database nothing for the rows: they must have what the kind's `why_not` looks at.
    """
    actions = offered(request, kind)
    for row in rows:
        row.applies = applying(request, kind, actions, row)
    return [Offer(name, action, any(map(action.is_for, rows))) for name, action in actions.items()]


def offered(request: OrgRequest, kind: Kind) -> dict[str, BulkAction]:
    """The actions that the person may use here."""
    return {name: action for name, action in kind.actions.items() if _may_offer(request, action)}


def applying(request: OrgRequest, kind: Kind, actions: Mapping[str, BulkAction], row: Any) -> str:
    """The names of those of `actions` that apply to `row`, as its tick has them."""
    return " ".join(
        name for name, action in actions.items() if not kind.why_not(action, request.membership, row, None)
    )


def _may_offer(request: OrgRequest, action: BulkAction) -> bool:
    return may(request, action.required) and action.is_offered()
