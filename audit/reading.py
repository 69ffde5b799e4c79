"""Finding lines of the audit trail."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from .models import Entry

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*[+-]\d\d:\d\d$")


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
    """A field before and after, in words; empty where it was not there or was nothing."""

    field: str
    before: str
    after: str


def changes_of(entry: Entry) -> list[Change]:
    fields = dict.fromkeys((*entry.before, *entry.after))
    return [
        Change(field, in_words(entry.before.get(field)), in_words(entry.after.get(field))) for field in fields
    ]


def in_words(value: object) -> str:
    """A stored value as people write it; times in the active zone."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(in_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {in_words(item)}" for key, item in value.items())
    text = str(value)
    if isinstance(value, str) and TIME.match(value) and (when := parse_datetime(value)):
        return date_format(localtime(when), "j M Y H:i")
    return text
