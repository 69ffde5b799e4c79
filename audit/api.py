"""This app's part of the REST API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.listing import ListQuery, listing, ordered

from .models import Entry
from .reading import Wanted, entries

router = Router(tags=["audit"])
# PostgreSQL's text has no NUL.
TEXT = r"^[^\x00]*$"


class AuditQuery(ListQuery):
    """`actor_id` is a person's; `since` and `until` are times, the second one not included."""

    actor_id: UUID | None = None
    action: str = Field("", pattern=TEXT)
    target_type: str = Field("", pattern=TEXT)
    target_id: str = Field("", pattern=TEXT)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class EntryOut(Schema):
    id: UUID
    at: datetime
    actor_id: UUID | None
    actor: str
    via: str
    address: str | None
    action: str
    target_type: str
    target_id: str
    target: str
    before: dict[str, Any]
    after: dict[str, Any]


class EntriesOut(Schema):
    items: list[EntryOut]
    count: int


FIELDS = tuple(EntryOut.model_fields)


@router.get("", response={200: EntriesOut}, summary="What was changed, newest first")
@require("audit.view")
def audit_list(request: OrgRequest, query: Query[AuditQuery]) -> HttpResponse:
    wanted = Wanted(
        person=query.actor_id,
        action=query.action,
        target_type=query.target_type,
        target_id=query.target_id,
        since=query.since,
        until=query.until,
        words=query.search,
    )
    return listing(request, query, ordered(entries(wanted), query.ordering, {"at": "id"}, ["-id"]), shown)


def shown(rows: Sequence[Entry]) -> list[dict[str, Any]]:
    return [{field: getattr(row, field) for field in FIELDS} for row in rows]
