"""What the API takes and gives for drying. What can't be true is refused by the models, in words."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field, model_validator

from orgs.rest.listing import ListQuery, Strict

from .models import LONGEST_DEVICE, LONGEST_NOTE

# Whatever a database can't hold is absurd, and refused before it is asked for in words.
Whole = Annotated[int, Field(ge=-(10**6), le=10**6)]
Hours = Annotated[Decimal, Field(ge=-(10**6), le=10**6, decimal_places=1)]


class DryingIn(Strict):
    """`at` is when it ended, without it just now. Humidity in percent, as the device showed it."""

    at: AwareDatetime | None = None
    temperature_c: Whole
    hours: Hours
    humidity_before: Whole | None = None
    humidity_after: Whole | None = None
    device: str = Field("", max_length=LONGEST_DEVICE)
    note: str = Field("", max_length=LONGEST_NOTE)


class DryingEdit(Strict):
    """Only what is given is changed; humidity may be null."""

    at: AwareDatetime | None = None
    temperature_c: Whole | None = None
    hours: Hours | None = None
    humidity_before: Whole | None = None
    humidity_after: Whole | None = None
    device: str | None = Field(None, max_length=LONGEST_DEVICE)
    note: str | None = Field(None, max_length=LONGEST_NOTE)

    @model_validator(mode="before")
    @classmethod
    def not_null(cls, said: Any) -> Any:
        if isinstance(said, dict):
            for name in ("at", "temperature_c", "hours", "device", "note"):
                if name in said and said[name] is None:
                    raise ValueError(f"{name} can't be null")
        return said


class DryingQuery(ListQuery):
    spool_id: UUID | None = None
    device: str = Field("", max_length=LONGEST_DEVICE)


class DryingOut(Schema):
    """`at` is when it ended; `by` is the name of who wrote it down."""

    id: UUID
    spool_id: UUID
    spool_number: int
    material: str
    at: datetime
    temperature_c: int
    hours: float
    humidity_before: int | None
    humidity_after: int | None
    device: str
    note: str
    by: str | None


class DryingListOut(Schema):
    items: list[DryingOut]
    count: int


class RuleIn(Strict):
    """The organisation's own rule for a material; without `valid_days` nobody is reminded."""

    material: str = Field(min_length=1, max_length=40)
    temperature_c: Whole
    hours: Hours
    valid_days: Whole | None = None


class RuleOut(Schema):
    """A rule in force; `id` is null for a usual one, which can be overruled but not deleted."""

    id: UUID | None
    material: str
    temperature_c: int
    hours: float
    valid_days: int | None


class RuleListOut(Schema):
    items: list[RuleOut]
    count: int
