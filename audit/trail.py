"""Writing the audit trail."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Model

from .models import Entry


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts and how: `via` is "session", "token <name>", "system" or the name of a process."""

    id: UUID | None
    name: str
    via: str = "system"
    address: str | None = None


SYSTEM = Actor(None, "O.D.I.N.")
_acting: ContextVar[Actor] = ContextVar("acting", default=SYSTEM)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """What is recorded in this context is recorded as done by `actor`."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def actor() -> Actor:
    return _acting.get()


def plain(value: Any) -> Any:
    """`value` as JSON can hold it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Model) else value


def record(
    action: str,
    target: Model | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Entry:
    """Write down that `action` was done to `target`, in the transaction of the change itself.

    `before` and `after` hold the fields that changed; fields equal in both are left out. Never pass a secret.
    """
    before, after = before or {}, after or {}
    # Compared as they are: 0 and 0.00 are the same amount.
    same = {str(key) for key in before if key in after and before[key] == after[key]}
    old, new = plain(before), plain(after)
    who = actor()
    return Entry.objects.create(
        actor_id=who.id,
        actor=who.name[:200],
        via=who.via[:40],
        address=who.address,
        action=action,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target=str(target)[:200] if target is not None else "",
        before={key: item for key, item in old.items() if key not in same},
        after={key: item for key, item in new.items() if key not in same},
    )
