"""What the API takes and gives for maintenance, as OpenAPI tells it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field, field_validator, model_validator

from orgs.rest.listing import ListQuery, Strict

from .due import Standing
from .models import MOST_COST, MOST_DAYS, MOST_HOURS, LogEntry

Hours = Annotated[int, Field(ge=1, le=MOST_HOURS)]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]
Percent = Annotated[int, Field(ge=1, le=100)]
WarnDays = Annotated[int, Field(ge=0, le=365)]
MAY_BE_NULL = {"every_hours", "every_days"}


class PlanIn(Strict):
    name: str = Field(min_length=1, max_length=80)
    instructions: str = Field("", max_length=2000)
    every_hours: Hours | None = None
    every_days: Days | None = None
    warn_percent: Percent = 90
    warn_days: WarnDays = 3
    holds: bool = False

    @field_validator("name", "instructions", mode="after")
    @classmethod
    def without_edges(cls, text: str) -> str:
        return text.strip()

    @field_validator("name", mode="after")
    @classmethod
    def named(cls, text: str) -> str:
        if not text:
            raise ValueError("is empty")
        return text


class TaskIn(PlanIn):
    """`since_on` is when it was last done, `used_s` how much was printed since; without them it counts from
    now."""

    printer_id: UUID
    since_on: date | None = None
    used_s: int = Field(0, ge=0, le=MOST_HOURS * 3600)

    @model_validator(mode="after")
    def has_interval(self) -> "TaskIn":
        if self.every_hours is None and self.every_days is None:
            raise ValueError("every_hours or every_days must be given")
        return self


class TaskEdit(PlanIn):
    """Only what is given is changed; null for every_hours or every_days lets that not count."""

    name: str = Field("", min_length=1, max_length=80)
    since_on: date | None = None
    used_s: int | None = Field(None, ge=0, le=MOST_HOURS * 3600)

    @model_validator(mode="before")
    @classmethod
    def not_null(cls, said: Any) -> Any:
        if isinstance(said, dict):
            for name, value in said.items():
                if value is None and name not in MAY_BE_NULL:
                    raise ValueError(f"{name} can't be null")
        return said


class DoneIn(Strict):
    """With the task's `round` as you saw it, 409 if somebody has done or changed it since."""

    cost: Decimal = Field(Decimal(0), ge=0, le=MOST_COST, decimal_places=2)
    note: str = Field("", max_length=500)
    round: int | None = Field(None, ge=0, le=2**31 - 1)


class HoursIn(Strict):
    """What the printer has printed in all. With `counts_for_tasks` the difference was printed since the last
    maintenance, so tasks and nozzle get it too; without, before it."""

    printed_s: int = Field(ge=0, le=MOST_HOURS * 3600)
    counts_for_tasks: bool


class NozzleIn(Strict):
    nozzle_mm: float = Field(ge=0.05, le=5, allow_inf_nan=False)
    hardened: bool = False
    cost: Decimal = Field(Decimal(0), ge=0, le=MOST_COST, decimal_places=2)
    note: str = Field("", max_length=500)


class TaskQuery(ListQuery):
    state: Standing | None = None
    printer_id: UUID | None = None
    tag: str = Field("", max_length=40)


class LogQuery(ListQuery):
    printer_id: UUID | None = None
    task_id: UUID | None = None
    kind: LogEntry.Kind | None = None


class TaskOut(Schema):
    """`used_s` was printed and `days` have passed since it was done; `used` is the share of its interval,
    above 1 where it is overdue. `done_at` is null before it is done for the first time."""

    id: UUID
    printer_id: UUID
    printer: str
    template_id: UUID | None
    name: str
    instructions: str
    every_hours: int | None
    every_days: int | None
    warn_percent: int
    warn_days: int
    holds: bool
    state: Standing
    used: float
    used_s: int
    days: int
    since_on: date
    done_at: datetime | None
    round: int


class NozzleOut(Schema):
    """`fitted_at` is null for one that was there before anybody noted it."""

    nozzle_mm: float | None
    hardened: bool
    fitted_at: datetime | None
    used_s: int


class MeterOut(Schema):
    printer_id: UUID
    printed_s: int
    nozzle: NozzleOut


class TaskListOut(Schema):
    items: list[TaskOut]
    count: int


class EntryOut(Schema):
    """`printed_s` is what the printer had printed in all, `used_s` since the time before."""

    id: UUID
    kind: LogEntry.Kind
    printer_id: UUID | None
    printer: str
    task_id: UUID | None
    what: str
    at: datetime
    by: str | None
    printed_s: int
    used_s: int
    cost: str
    currency: str
    note: str
    has_photo: bool


class EntryListOut(Schema):
    items: list[EntryOut]
    count: int
