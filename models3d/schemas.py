"""What the API takes and gives for models, as OpenAPI tells it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from bulk.schemas import BulkIn, FilterIn
from orgs.rest.listing import ListQuery, Strict

Point = tuple[float, float, float]
Shelf = Literal["library", "archive", "trash"]


class FilamentOut(Schema):
    index: int
    grams: float | None
    length_mm: float | None
    material: str | None
    color: str | None
    profile: str | None
    vendor: str | None
    bambu_id: str | None


class BoxOut(Schema):
    min: Point
    max: Point


class PlateOut(Schema):
    number: int
    title: str
    print_s: int | None
    layers: int | None
    grams: float | None
    filaments: list[FilamentOut]
    box_mm: BoxOut | None
    box_estimated: bool
    md5: str | None


class MetadataOut(Schema):
    kind: str
    slicer: str | None
    slicer_version: str | None
    print_s: int | None
    filaments: list[FilamentOut]
    nozzle_mm: float | None
    layer_height_mm: float | None
    first_layer_height_mm: float | None
    layers: int | None
    printer_model: str | None
    bed_mm: Point | None
    box_mm: BoxOut | None
    plates: list[PlateOut]
    profile: str | None
    nozzle_c: list[float]
    bed_c: float | None
    chamber_c: float | None
    bed_type: str | None
    support: bool | None
    abrasive: bool | None
    size_mm: Point | None
    triangles: int | None
    objects: list[str]
    origins: dict[str, str]
    thumbnail_url: str | None
    warnings: list[str]


class RevisionOut(Schema):
    number: int
    sha256: str
    size: int
    file_name: str
    status: Literal["reading", "ready", "unreadable"]
    progress: float | None
    problem: str | None
    notes: str
    back_to: int | None
    by: str | None
    at: datetime
    metadata: MetadataOut | None


class ModelOut(Schema):
    id: UUID
    name: str
    tags: list[str]
    collection: str | None
    shelf: Shelf
    created_at: datetime
    by: str | None
    current_revision: RevisionOut
    duplicate_of: UUID | None


class ModelListOut(Schema):
    items: list[ModelOut]
    count: int


class RevisionListOut(Schema):
    items: list[RevisionOut]
    count: int


class CheckOut(Schema):
    """`file` and `printer` are what was compared; `origin` is where in the file its side was read."""

    name: str
    label: str
    verdict: Literal["pass", "fail", "unknown"]
    text: str
    file: str
    printer: str
    origin: str


class FitOut(Schema):
    """`warnings` are advice, such as that a spool needs drying: they stop no start."""

    printer_id: UUID
    fits: Literal["yes", "no", "unknown"]
    reasons: list[str]
    warnings: list[str]
    checks: list[CheckOut]


class ModelFilters(Schema):
    """What the list and bulk actions filter by.

    `shelf` is the library unless another is named, or all of them; `sha256` is of any revision.
    """

    shelf: Shelf | Literal["all"] = "library"
    tag: str = Field("", max_length=40)
    collection: str = Field("", max_length=60)
    status: Literal["", "reading", "ready", "unreadable"] = ""
    kind: Literal["", "gcode", "bgcode", "gcode.3mf", "3mf", "stl"] = ""
    sha256: str = Field("", pattern="^([0-9a-f]{64})?$")
    favourite: bool | None = None


class ModelQuery(ModelFilters, ListQuery):
    pass


class ModelFilterIn(ModelFilters, FilterIn):
    pass


class ModelBulkIn(BulkIn):
    """`add_tag` and `remove_tag` take {"tag"}, `move` {"collection"}, a name, or "" for none."""

    filter: ModelFilterIn | None = None
    action: Literal["add_tag", "remove_tag", "move", "archive", "restore", "delete", "purge"]


class EditIn(Strict):
    """What is not given stays; `notes` are those of the current revision, `collection` "" is none.

    `favourite` is the star of the person whose token it is.
    """

    name: str | None = Field(None, min_length=1, max_length=160)
    notes: str | None = Field(None, max_length=2000)
    tags: list[str] | None = Field(None, max_length=20)
    collection: str | None = Field(None, max_length=60)
    favourite: bool | None = None


class FitQuery(Strict):
    revision: int | None = Field(None, ge=1, le=2**31 - 1)
    plate: int = Field(1, ge=1, le=2**31 - 1)
