"""What the API takes and gives for jobs, as OpenAPI tells it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from bulk.schemas import BulkIn, FilterIn
from orgs.rest.listing import ListQuery, Strict

from .moments import YEARS


def _check_year(moment: datetime) -> datetime:
    """Near the ends of the calendar a moment can't be shown in every zone."""
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(f"give a year from {YEARS[0]} to {YEARS[1]}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_check_year)]
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
    due_at: Moment | None = None
    not_before: Moment | None = None
    auto_start: bool = False
    notes: str = Field("", max_length=2000)
    department_id: UUID | None = None


class JobEdit(Strict):
    priority: PriorityWord | None = None
    due_at: Moment | None = None
    not_before: Moment | None = None
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
    "bottom", `reject` {"reason"}, `set_department` {"department_id"}, null for none."""

    filter: JobFilterIn | None = None
    action: Literal[
        "approve", "reject", "set_priority", "reschedule", "move", "set_department", "cancel", "delete"
    ]


class ChosenSlot(Strict):
    """Both counted from 0: a filament of the file, and the printer's slot it is to come from."""

    filament: int = Field(ge=0, le=63)
    slot: int = Field(ge=0, le=999)


class StartIn(Strict):
    printer_id: UUID
    override_reason: str = Field("", max_length=300)
    slots: list[ChosenSlot] = Field([], max_length=64)


class SlotsQuery(Schema):
    """Without a printer, the one that would take the next copy."""

    printer_id: UUID | None = None


class ServedOut(Schema):
    """Counted from 0. `slot` is null where none serves it, `grams_left` where no spool of ours is in it."""

    filament: int
    material: str
    color: str
    grams: float
    slot: int | None
    slot_material: str | None
    slot_color: str | None
    grams_left: float | None
    short_grams: float


class SlotsOut(Schema):
    """`warnings` are advice, such as that a spool needs drying: they stop no start."""

    printer_id: UUID | None
    filaments: list[ServedOut]
    doubts: list[str]
    warnings: list[str]


class ResolveIn(Strict):
    printing: bool


class VerdictIn(Strict):
    """A reject may have a reason of `GET /api/jobs/reasons`; a good copy has none."""

    copy_number: int = Field(alias="copy", ge=1, le=500)
    verdict: Literal["good", "reject"]
    reason_id: UUID | None = None
    note: str = Field("", max_length=300)


class FailureIn(Strict):
    """Why a copy failed, or was cancelled while it printed."""

    copy_number: int = Field(alias="copy", ge=1, le=500)
    reason_id: UUID
    note: str = Field("", max_length=300)


class ReasonOut(Schema):
    id: UUID
    name: str
    fault: Literal["machine", "person", "nobody"]
    retired: bool


class ReasonListOut(Schema):
    items: list[ReasonOut]
    count: int


class FailureOut(Schema):
    """`source` says whose words `reason` is: a person's choice, or, until one chose, the machine's."""

    reason: str
    note: str
    source: Literal["person", "machine"]


class PrintOut(Schema):
    copy_number: int = Field(alias="copy")
    state: str
    printer_id: UUID | None
    verdict: Literal["good", "reject"] | None
    failure: FailureOut | None
    reprinted_as: UUID | None


class MoveIn(Strict):
    """Exactly one of the two; `before` is the id of another job."""

    to: Literal["top", "up", "down", "bottom"] | None = None
    before: UUID | None = None

    @model_validator(mode="after")
    def one_of_them(self) -> "MoveIn":
        if (self.to is None) == (self.before is None):
            raise ValueError("give either to or before")
        return self


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


class ForecastOut(Schema):
    """When the job begins and ends; null where that can't be said.

    Of a job that waits it is a guess: `by_hand` says that a person has to start it, `at_risk` that it would
    be done after its due date, `place` where it stands in line for the `printers_that_fit`.
    """

    starts_at: datetime | None
    ends_at: datetime | None
    by_hand: bool | None
    at_risk: bool
    place: int | None
    printers_that_fit: int | None


class JobOut(Schema):
    id: UUID
    number: int
    name: str
    state: str
    waits_because: str | None
    forecast: ForecastOut
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
    failure: FailureOut | None
    prints: list[PrintOut] | None = Field(description="The copies; null in lists.")
    decision_note: str
    submission: int
    history: list[HistoryOut]


class JobListOut(Schema):
    items: list[JobOut]
    count: int
