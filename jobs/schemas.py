"""What the API takes and gives for jobs, as OpenAPI tells it."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, model_validator

from bulk.schemas import BulkIn, FilterIn
from orgs.rest.listing import ListQuery, Strict

PriorityWord = Literal["low", "normal", "high", "urgent"]


class Target(Strict):
    """Exactly one of the four."""

    printer_id: UUID | None = None
    tag: str | None = Field(None, min_length=1, max_length=40)
    printer_model: str | None = Field(None, min_length=1, max_length=80)
    any: bool | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> "Target":
        given = [self.printer_id, self.tag, self.printer_model, self.any or None]
        if sum(value is not None for value in given) != 1:
            raise ValueError("give one of printer_id, tag, printer_model or any: true")
        return self


class FilamentWish(Strict):
    """For the file's filament `index` (from 0): another material, a colour that must match, or one spool."""

    index: int = Field(ge=0, le=63)
    material: str = Field("", max_length=40)
    color: str = Field("", pattern=r"^(#[0-9A-Fa-f]{6})?$")
    spool_id: UUID | None = None


class JobIn(Strict):
    """What is given wins over the options of the preset."""

    model_id: UUID
    preset_id: UUID | None = None
    revision: int | None = Field(None, ge=1, le=2**31 - 1)
    plate: int = Field(1, ge=1, le=2**31 - 1)
    copies: int = Field(1, ge=1, le=500)
    target: Target = Target.model_validate({"any": True})
    filaments: list[FilamentWish] = Field([], max_length=64)
    priority: PriorityWord = "normal"
    due_at: AwareDatetime | None = None
    not_before: AwareDatetime | None = None
    auto_start: bool = False
    notes: str = Field("", max_length=2000)
    department_id: UUID | None = None


class PresetIn(Strict):
    """`shared` ones are the organisation's, and for operators to make; others are your own."""

    name: str = Field(min_length=1, max_length=60)
    shared: bool = False
    copies: int = Field(1, ge=1, le=500)
    target: Target = Target.model_validate({"any": True})
    filaments: list[FilamentWish] = Field([], max_length=64)
    priority: PriorityWord = "normal"
    auto_start: bool = False
    notes: str = Field("", max_length=2000)


class PresetEdit(Strict):
    """What is not given stays."""

    name: str | None = Field(None, min_length=1, max_length=60)
    copies: int | None = Field(None, ge=1, le=500)
    target: Target | None = None
    filaments: list[FilamentWish] | None = Field(None, max_length=64)
    priority: PriorityWord | None = None
    auto_start: bool | None = None
    notes: str | None = Field(None, max_length=2000)


class PresetOut(Schema):
    """A printer or tag of `target` that is gone is null."""

    id: UUID
    name: str
    shared: bool
    copies: int
    target: dict[str, Any]
    filaments: list[dict[str, Any]]
    priority: PriorityWord
    auto_start: bool
    notes: str


class PresetListOut(Schema):
    items: list[PresetOut]
    count: int


class JobEdit(Strict):
    priority: PriorityWord | None = None
    due_at: AwareDatetime | None = None
    not_before: AwareDatetime | None = None
    auto_start: bool | None = None
    notes: str | None = Field(None, max_length=2000)
    department_id: UUID | None = None


class JobFilters(Schema):
    """What the list and bulk actions filter by; `state` may be several by commas."""

    state: str = ""
    priority: PriorityWord | None = None
    model_id: UUID | None = None
    printer_id: UUID | None = None


class JobQuery(JobFilters, ListQuery):
    pass


class JobFilterIn(JobFilters, FilterIn):
    pass


class JobBulkIn(BulkIn):
    """`set_priority` takes {"priority"}, `reschedule` {"not_before"}, null for none, `move` {"to"}, "top" or
    "bottom", `reject` {"reason"}."""

    filter: JobFilterIn | None = None
    action: Literal["approve", "reject", "set_priority", "reschedule", "move", "cancel", "delete"]


class StartIn(Strict):
    printer_id: UUID
    override_reason: str = Field("", max_length=300)


class ResolveIn(Strict):
    printing: bool


class MoveIn(Strict):
    to: Literal["top", "up", "down", "bottom"]


class ApproveIn(Strict):
    """`submission` is that of the job as you saw it: 409 if it was changed since. Without it, as it is."""

    submission: int | None = Field(None, ge=1, le=2**31 - 1)


class RejectIn(ApproveIn):
    reason: str = Field(min_length=1, max_length=300)


class AskChangeIn(ApproveIn):
    note: str = Field(min_length=1, max_length=300)


class ResubmitIn(JobEdit):
    """What is not given stays; `revision` is a number of the same model."""

    revision: int | None = Field(None, ge=1, le=2**31 - 1)


class HistoryOut(Schema):
    state: str
    at: datetime
    by: str
    note: str


class JobOut(Schema):
    id: UUID
    number: int
    name: str
    state: str
    waits_because: str | None
    forecast: dict[str, datetime | None]
    model_id: UUID
    revision: dict[str, Any]
    plate: int
    target: dict[str, Any]
    filaments: list[dict[str, Any]]
    printer_id: UUID | None
    copies: int
    copies_done: int
    priority: PriorityWord
    due_at: datetime | None
    not_before: datetime | None
    auto_start: bool
    notes: str
    by: str | None
    created_at: datetime
    department_id: UUID | None
    estimate_s: int | None
    actual_s: int | None
    grams: float
    cost: Decimal | None
    currency: str
    failure: dict[str, str] | None
    decision_note: str
    submission: int
    history: list[HistoryOut]


class JobListOut(Schema):
    items: list[JobOut]
    count: int
