"""What the API takes and gives for alerts, as OpenAPI tells it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from orgs.rest.listing import ListQuery

from .kinds import Kind, Severity


class AlertQuery(ListQuery):
    """`open`: neither acknowledged nor resolved."""

    kind: Kind | None = None
    severity: Severity | None = None
    open: bool | None = None


class TargetOut(Schema):
    type: Literal["printer", "job", "spool", "filament", "report_run"]
    id: UUID


class AlertOut(Schema):
    """`at` is when it was first so, `last_at` when last; `count` how often. `read`: by you."""

    id: UUID
    kind: Kind
    severity: Severity
    title: str
    detail: str
    count: int = Field(ge=1)
    at: datetime
    last_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    read: bool
    target: TargetOut | None


class AlertListOut(Schema):
    items: list[AlertOut]
    count: int
