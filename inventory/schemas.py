"""What the API takes and gives for filaments and spools, as OpenAPI tells it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, field_validator, model_validator

from bulk.schemas import BulkIn, FilterIn
from orgs.rest.listing import ListQuery, Sound, Strict

from .models import MOST_REEL_G

Grams = Annotated[Decimal, Field(ge=0, le=50_000, decimal_places=2)]
InitialGrams = Annotated[Decimal, Field(ge=1, le=50_000, decimal_places=2)]
ReelGrams = Annotated[Decimal, Field(ge=0, le=MOST_REEL_G, decimal_places=2)]
Stock = Annotated[Decimal, Field(ge=0, le=Decimal("9999999.99"), decimal_places=2)]
Money = Annotated[Decimal, Field(ge=0, le=Decimal("999999.99"), decimal_places=2)]


# Hexadecimal digits, as scanners and printers write them.
Tag = Annotated[str, Field(max_length=80, pattern=r"^[0-9A-Za-z:\- ]*$")]
# What may be set to null again, as nothing is known of it.
NULLABLE = frozenset({"nozzle_c", "bed_c", "low_g", "reel_g"})


def _refuse_null(said: Any) -> Any:
    if isinstance(said, dict):
        for name, value in said.items():
            if value is None and name not in NULLABLE:
                raise ValueError(f"{name} can't be null")
    return said


class FilamentIn(Strict):
    material: str = Field(min_length=1, max_length=40)
    brand: str = Field("", max_length=60)
    name: str = Field("", max_length=80)
    color: str = Field("#808080", pattern=r"^#[0-9A-Fa-f]{6}$")
    color_name: str = Field("", max_length=40)
    density: Decimal = Field(Decimal("1.24"), ge=Decimal("0.5"), le=5, decimal_places=2)
    diameter_mm: Decimal = Field(Decimal("1.75"), ge=1, le=4, decimal_places=2)
    price_per_kg: Money = Decimal(0)
    nozzle_c: int | None = Field(None, ge=0, le=600)
    bed_c: int | None = Field(None, ge=0, le=300)
    low_g: Stock | None = None
    reorder_url: str = Field("", max_length=300, pattern=r"^(https?://\S+)?$")

    @field_validator("material", "brand", "name", "color_name", mode="after")
    @classmethod
    def without_edges(cls, text: str) -> str:
        return text.strip()

    @field_validator("material", mode="after")
    @classmethod
    def named(cls, text: str) -> str:
        if not text:
            raise ValueError("is empty")
        return text

    @field_validator("color", mode="after")
    @classmethod
    def in_capitals(cls, color: str) -> str:
        return color.upper()


class FilamentEdit(FilamentIn):
    """Only what is given is changed."""

    material: str = Field("", min_length=1, max_length=40)

    @model_validator(mode="before")
    @classmethod
    def not_null(cls, said: Any) -> Any:
        return _refuse_null(said)


class SpoolIn(Strict):
    """Without `cost`, what the filament's price makes of it; `used_g` was used before it came here."""

    filament_id: UUID
    initial_g: InitialGrams = Decimal(1000)
    used_g: Grams = Decimal(0)
    cost: Money | None = None
    reel_g: ReelGrams | None = None
    tag_uid: Tag = ""
    supplier: str = Field("", max_length=80)
    lot: str = Field("", max_length=60)
    location: str = Field("", max_length=80)
    notes: str = Field("", max_length=2000)
    tags: list[str] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def not_more_than_there_was(self) -> "SpoolIn":
        if self.used_g > self.initial_g:
            raise ValueError("used_g is more than initial_g")
        return self


class SpoolEdit(Strict):
    """Only what is given is changed. What is left is changed by weighing."""

    filament_id: UUID | None = None
    initial_g: InitialGrams | None = None
    cost: Money | None = None
    reel_g: ReelGrams | None = None
    tag_uid: Tag | None = None
    supplier: str | None = Field(None, max_length=80)
    lot: str | None = Field(None, max_length=60)
    location: str | None = Field(None, max_length=80)
    notes: str | None = Field(None, max_length=2000)
    tags: list[str] | None = Field(None, max_length=20)

    @model_validator(mode="before")
    @classmethod
    def not_null(cls, said: Any) -> Any:
        return _refuse_null(said)


class WeighIn(Strict):
    """Either `grams_left` of filament, or `gross_g` on the reel; `reel_g` where that is not known yet."""

    grams_left: Decimal | None = None
    gross_g: Decimal | None = None
    reel_g: Decimal | None = None


class LoadIn(Strict):
    printer_id: UUID
    slot: int = Field(0, ge=0, le=255)


class FilamentQuery(ListQuery):
    material: str = Field("", max_length=40)
    brand: str = Field("", max_length=60)


class FilamentsQuery(FilamentQuery):
    low: bool | None = None


class SpoolFilters(Sound):
    """What narrows a list of spools, and a bulk action over one."""

    material: str = Field("", max_length=40)
    brand: str = Field("", max_length=60)
    filament_id: UUID | None = None
    printer_id: UUID | None = None
    location: str | None = Field(None, max_length=80)
    supplier: str | None = Field(None, max_length=80)
    lot: str | None = Field(None, max_length=60)
    tag_uid: str | None = Field(None, max_length=80)
    left_source: Literal["printed", "weighed", "estimated"] | None = None
    external_id: str | None = Field(None, max_length=80)
    state: Literal["loaded", "free", "low", "archived"] | None = None
    archived: bool | None = None
    tag: str = Field("", max_length=40)
    needs_drying: bool | None = None


class SpoolQuery(SpoolFilters, ListQuery):
    pass


class SpoolFilterIn(FilterIn, SpoolFilters):
    pass


class SpoolBulkIn(BulkIn):
    """`move` takes {"location"}, "" for none; `add_tag` and `remove_tag` {"tag"}; `set_price` {"cost"};
    `set_lot` {"lot"}; `mark_dried` {"temperature_c", "hours"}, and "humidity_before", "humidity_after",
    "device", "note" if they are known, for a session that has ended just now.
    """

    filter: SpoolFilterIn | None = None
    action: Literal[
        "archive", "restore", "move", "add_tag", "remove_tag", "mark_dried", "set_price", "set_lot"
    ]


class FilamentBrief(Schema):
    id: UUID
    material: str
    brand: str
    name: str
    color: str
    color_name: str


class FilamentOut(FilamentBrief):
    """`spools` and `grams_left` count what is not archived.

    `grams_per_day` is what prints took in the mean of the last 30 days, at which the rest lasts `days_left`.
    It `is_low` below its `low_g`.
    """

    density: float
    diameter_mm: float
    price_per_kg: str
    currency: str
    nozzle_c: int | None
    bed_c: int | None
    low_g: float | None
    reorder_url: str
    spools: int
    grams_left: float
    grams_per_day: float
    days_left: float | None
    is_low: bool
    created_at: datetime


class FilamentListOut(Schema):
    items: list[FilamentOut]
    count: int


class SpoolOut(Schema):
    """`slot` counts from 0; it and `printer_id` are null for a spool that is not loaded.

    `left_source` says what `grams_left` rests on. `dry_until` is null where its material has no limit, or it
    was neither opened nor dried yet. `external_id` is what the program calls it that it was imported from,
    such as "spoolman:12".
    """

    id: UUID
    number: int
    filament: FilamentBrief
    initial_g: float
    used_g: float
    grams_left: float
    left_source: Literal["printed", "weighed", "estimated"]
    reel_g: float | None
    tag_uid: str
    cost: str
    currency: str
    supplier: str
    lot: str
    location: str
    printer_id: UUID | None
    slot: int | None
    opened_at: datetime | None
    dried_at: datetime | None
    dry_until: datetime | None
    needs_drying: bool
    tags: list[str]
    archived_at: datetime | None
    notes: str
    external_id: str
    created_at: datetime


class SpoolListOut(Schema):
    items: list[SpoolOut]
    count: int


class UsageOut(Schema):
    """`grams` taken off; negative ones were put back. `job_id` where it is a job you may see.

    `kind` says how the grams are known, `extruder` is the file's filament that took them, from 0.
    """

    id: UUID
    at: datetime
    grams: float
    kind: Literal["measured", "sliced", "estimated", "weighed", "before", "imported"]
    extruder: int | None
    note: str
    reference: str
    print_id: UUID | None
    job_id: UUID | None


class UsageListOut(Schema):
    items: list[UsageOut]
    count: int
