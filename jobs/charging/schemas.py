"""What the API takes and gives for rate cards and charges, as OpenAPI tells it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from orgs.rest.listing import ListQuery, Strict

from .models import MOST_PRICE, MOST_WATTS
from .rules import Bearer, Kind, Policy, Unit

MONTH = r"^20[0-9][0-9]-(0[1-9]|1[0-2])$"
Price = Annotated[Decimal, Field(ge=0, le=MOST_PRICE, decimal_places=4)]


class ModelRate(Strict):
    """Null is as for all printers."""

    model: str = Field(min_length=1, max_length=80)
    per_hour: Price | None = None
    watts: int | None = Field(None, ge=0, le=MOST_WATTS)


class DepartmentRate(Strict):
    """Per cent on top of all that the department's jobs are charged; negative for a rebate."""

    department_id: UUID
    percent: Decimal = Field(ge=-100, le=1000, decimal_places=4)


class RateCardIn(Strict):
    """In the organisation's currency."""

    valid_from: date
    per_hour: Price = Decimal(0)
    watts: int = Field(0, ge=0, le=MOST_WATTS)
    per_kwh: Price = Decimal(0)
    labour_per_print: Price = Decimal(0)
    labour_per_hour: Price = Decimal(0)
    fee_per_job: Price = Decimal(0)
    failure_percent: Decimal = Field(Decimal(0), ge=0, le=100, decimal_places=2)
    policy: Policy = Policy.FAULT
    by_model: list[ModelRate] = Field([], max_length=500)
    by_department: list[DepartmentRate] = Field([], max_length=500)
    note: str = Field("", max_length=200)


class ModelRateOut(Schema):
    model: str
    per_hour: str | None
    watts: int | None


class DepartmentRateOut(Schema):
    department_id: UUID
    percent: str


class RateCardOut(Schema):
    """Prices are decimal strings in `currency`. What has begun can't be changed."""

    id: UUID
    valid_from: date
    currency: str
    per_hour: str
    watts: int
    per_kwh: str
    labour_per_print: str
    labour_per_hour: str
    fee_per_job: str
    failure_percent: str
    policy: Policy
    by_model: list[ModelRateOut]
    by_department: list[DepartmentRateOut]
    note: str
    has_begun: bool


class RateCardListOut(Schema):
    items: list[RateCardOut]
    count: int


class LineQuery(ListQuery):
    """`month` as in 2026-10."""

    month: str = Field("", pattern=MONTH + "|^$")
    department_id: UUID | None = None
    job_id: UUID | None = None
    kind: Kind | None = None
    paid_by: Bearer | None = None


class LineOut(Schema):
    """One line of the books. `unit` says what `quantity` is of; `amount` is a decimal string in `currency`.

    `day` is the one it counts for, `counters_id` the line that it takes back. The department is the job's,
    also where `paid_by` is the organisation.
    """

    id: UUID
    at: datetime
    day: date
    kind: Kind
    quantity: str
    unit: Unit
    unit_price: str
    amount: str
    currency: str
    paid_by: Bearer
    department_id: UUID | None
    department: str
    job_id: UUID | None
    job: str
    print_id: UUID | None
    copy_number: int | None = Field(alias="copy")
    printer_id: UUID | None
    user_id: UUID | None
    rate_card_id: UUID | None
    counters_id: UUID | None
    reason: str
    by_hand: bool
    by: str


class LineListOut(Schema):
    items: list[LineOut]
    count: int


class MonthOut(Schema):
    """`open_prints` began in it and run still; they are charged in the month in which they end."""

    month: str
    state: Literal["open", "closed"]
    closed_at: datetime | None
    closed_by: str
    lines: int
    open_prints: int


class MonthListOut(Schema):
    items: list[MonthOut]
    count: int


class CloseIn(Strict):
    month: str = Field(pattern=MONTH)


class CounterIn(Strict):
    reason: str = Field(min_length=1, max_length=300)


class CorrectionIn(CounterIn):
    """`amount` in the organisation's currency: above 0 is charged, below it is given back."""

    amount: Decimal = Field(max_digits=10, decimal_places=2)
    department_id: UUID | None = None


class MoveIn(CounterIn):
    job_id: UUID
    department_id: UUID | None
