"""What the API takes and gives for bulk runs, as OpenAPI tells it."""

from typing import Any, Self
from uuid import UUID

from ninja import Schema
from pydantic import Field, model_validator

from orgs.rest.listing import Strict

from .choosing import MOST


class FilterIn(Strict):
    """All that match; a list's own filters are added by subclassing."""

    search: str = Field("", max_length=200)


class BulkIn(Strict):
    """Rows by `ids`, or all that match `filter`. An app subclasses it with its actions and its filter."""

    ids: list[UUID] | None = Field(None, min_length=1, max_length=MOST)
    filter: FilterIn | None = None
    action: str
    values: dict[str, Any] = Field(default_factory=dict, max_length=20)

    @model_validator(mode="after")
    def check_which(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either ids or filter")
        return self


class StartedOut(Schema):
    run: UUID


class NotDoneOut(Schema):
    """`name` is empty for an id that names nothing in this organisation."""

    id: UUID
    name: str
    why: str


class RunOut(Schema):
    id: UUID
    action: str
    total: int
    done: int
    refused: list[NotDoneOut]
    finished: bool
