"""Finding lines of the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from .models import Entry


@dataclass(frozen=True)
class Wanted:
    """What to look for; empty fields ask for nothing. `until` is the first moment that is too late."""

    person: UUID | None = None
    action: str = ""
    target_type: str = ""
    target_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


def entries(wanted: Wanted) -> "QuerySet[Entry]":
    """The lines that are wanted, newest first."""
    exact = {
        "actor_id": wanted.person,
        "action": wanted.action,
        "target_type": wanted.target_type,
        "target_id": wanted.target_id,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
    }
    rows = Entry.objects.filter(**{field: value for field, value in exact.items() if value})
    for word in wanted.words.replace("\0", " ").split():
        rows = rows.filter(Q(actor__icontains=word) | Q(action__icontains=word) | Q(target__icontains=word))
    return rows


@dataclass(frozen=True)
class Change:
    """A field before and after; None where it was not there."""

    field: str
    before: object
    after: object


def changes_of(entry: Entry) -> list[Change]:
    fields = dict.fromkeys((*entry.before, *entry.after))
    return [Change(field, entry.before.get(field), entry.after.get(field)) for field in fields]
