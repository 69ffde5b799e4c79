"""What scripts send and get about lending."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema

from orgs.rest.listing import ListQuery, Strict

from .models import GuestPrint

Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Field(ge=0, le=1_000_000)]
Price = Annotated[Decimal, Field(ge=0, le=1000)]
Clock = Annotated[str, Field(max_length=5)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class BorrowerIn(Strict):
    """An organisation by its address on this server; limits of its own, or null for the offer's."""

    org: Annotated[str, Field(max_length=50)]
    most_grams: Limit | None = None
    prints_per_week: Limit | None = None
    hours_per_week: Annotated[int, Field(ge=0, le=168)] | None = None


class TermsIn(Strict):
    """Only what is given changes. Ranges of hours are ["08:00", "17:00"]; a limit of 0 is none."""

    to_all: bool | None = None
    borrowers: Annotated[list[BorrowerIn], Field(max_length=200)] | None = None
    hours: dict[Day, list[tuple[Clock, Clock]]] | None = None
    materials: (
        Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=40)] | None
    ) = None
    most_grams: Limit | None = None
    prints_per_week: Annotated[int, Field(ge=0, le=100_000)] | None = None
    hours_per_week: Annotated[int, Field(ge=0, le=168)] | None = None
    price_per_hour: Price | None = None
    price_per_gram: Price | None = None
    owner_first: bool | None = None


class OfferIn(TermsIn):
    printer_id: UUID


class BorrowerOut(Schema):
    org: str
    most_grams: int | None
    prints_per_week: int | None
    hours_per_week: int | None


class OfferOut(Schema):
    printer_id: UUID
    printer: str
    state: Literal["offered", "withdrawn"]
    version: int
    to_all: bool
    borrowers: list[BorrowerOut]
    hours: dict[str, list[list[str]]]
    materials: list[str]
    most_grams: int
    prints_per_week: int
    hours_per_week: int
    price_per_hour: str
    price_per_gram: str
    currency: str
    owner_first: bool
    changed_at: datetime


class OfferListOut(Schema):
    items: list[OfferOut]
    count: int


class GuestQuery(ListQuery):
    outcome: GuestPrint.Outcome | None = None
    printer_id: UUID | None = None


class GuestOut(Schema):
    id: UUID
    printer_id: UUID | None
    printer: str
    borrower: str
    size: int
    material: str
    outcome: str
    estimate_s: int | None
    printed_s: int | None
    grams: float | None
    began_at: datetime
    ended_at: datetime | None


class GuestListOut(Schema):
    items: list[GuestOut]
    count: int


class CorrectIn(Strict):
    """`amount` is added to what was charged: below 0 gives back."""

    amount: Annotated[Decimal, Field(ge=-1_000_000, le=1_000_000)]
    note: Text = ""


class LineOut(Schema):
    """`amount` is above 0 where the other side owes it to us, below where we do."""

    id: UUID
    charge_id: UUID
    kind: str
    other: str
    printer: str
    job_id: UUID | None
    amount: str
    currency: str
    grams: float
    seconds: int
    note: str
    at: datetime


class LineListOut(Schema):
    items: list[LineOut]
    count: int
