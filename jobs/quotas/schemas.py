"""What the API gives for quotas, as OpenAPI tells it."""

from datetime import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from orgs.rest.listing import ListQuery

from .periods import Span
from .rules import Measure, Who


class QuotaQuery(ListQuery):
    """Without either one's own; operators may ask for somebody's or a department's."""

    user_id: UUID | None = None
    department_id: UUID | None = None


class QuotaOut(Schema):
    """Amounts are in jobs, grams or hours, as `measure` says; they count in the period that holds now."""

    id: UUID
    who: Who
    name: str
    person_id: UUID | None
    department_id: UUID | None
    measure: Measure
    span: Span
    limit: float = Field(ge=0)
    used: float = Field(ge=0)
    left: float = Field(ge=0)
    starts_at: datetime
    renews_at: datetime


class QuotaListOut(Schema):
    items: list[QuotaOut]
    count: int
