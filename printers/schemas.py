"""What scripts send and get for printers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Field, Schema

from orgs.rest.listing import ListQuery, Strict
from orgs.rest.problems import Problem, field_error

from .adding import add, change
from .beds import BedForm
from .forms import PrinterForm, address_of, tags_named
from .models import Printer
from .states import PrinterState

# PostgreSQL stores no NUL, and says so with an error of its own.
Text = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Port = Annotated[int, Field(ge=0, le=65535)]
Millimetres = Annotated[float, Field(gt=0, le=5000, allow_inf_nan=False)]
Tolerance = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]
SLOTS = {"bambu": 4}
# The form's names of what the API calls otherwise.
FORM_NAMES = {
    "bed_x_mm": "bed_mm",
    "bed_y_mm": "bed_mm",
    "bed_z_mm": "bed_mm",
    "tag_names": "tags",
    "__all__": "",
}


class Filters(Schema):
    """What a list of printers can be narrowed by."""

    state: PrinterState | None = None
    tag: Text | None = None
    model: Text | None = None
    location: Text | None = None
    protocol: Text | None = None
    enabled: bool | None = None

    def filtered(self, rows: "QuerySet[Printer]") -> "QuerySet[Printer]":
        """By everything but the state, which is not in the database."""
        if self.tag is not None:
            rows = rows.filter(tags__name__iexact=self.tag)
        for name in ("model", "location", "protocol"):
            if (wanted := getattr(self, name)) is not None:
                rows = rows.filter(**{f"{name}__iexact": wanted})
        return rows if self.enabled is None else rows.filter(enabled=self.enabled)


class PrinterQuery(ListQuery, Filters):
    pass


class Place(Strict):
    """Where a printer is and what opens it; `address` may be a URL."""

    protocol: Text
    address: Text
    port: Port = 0
    file_port: Port = 0
    serial: Text = ""
    user: Text = ""
    secret: Text = ""


class TestedPrinter(Place):
    """As for adding; what a test does not need may be there."""

    name: Text = "test"
    model: Text = ""
    location: Text = ""
    tags: list[Text] = []
    bed_mm: tuple[Millimetres, Millimetres, Millimetres] | None = None
    bed_form: BedForm = BedForm.CORNER
    bed_tolerance_mm: Tolerance = 0.5
    nozzle_mm: Millimetres | None = None
    hardened_nozzle: bool = False
    ejects: bool = False
    enabled: bool = True
    auto_queue: bool = False
    rate_per_hour: Decimal = Decimal(0)
    notes: str = Field("", max_length=2000)


class NewPrinter(TestedPrinter):
    name: Text


class ChangedPrinter(Strict):
    """Only what is given changes; without `secret` the stored one stays."""

    name: Text | None = None
    protocol: Text | None = None
    address: Text | None = None
    port: Port | None = None
    file_port: Port | None = None
    serial: Text | None = None
    user: Text | None = None
    secret: Text | None = None
    model: Text | None = None
    location: Text | None = None
    tags: list[Text] | None = None
    bed_mm: tuple[Millimetres, Millimetres, Millimetres] | None = None
    bed_form: BedForm | None = None
    bed_tolerance_mm: Tolerance | None = None
    nozzle_mm: Millimetres | None = None
    hardened_nozzle: bool | None = None
    ejects: bool | None = None
    enabled: bool | None = None
    auto_queue: bool | None = None
    rate_per_hour: Decimal | None = None
    notes: Annotated[str, Field(max_length=2000)] | None = None


class OutOfService(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class AdjustIn(Strict):
    """One of the names in the printer's `adjusted`, such as `light`, and what to set it to, such as `off`."""

    name: Annotated[str, Field(max_length=20)]
    value: Annotated[str, Field(max_length=20)]


class PlateSeen(Strict):
    """The `plate_epoch` of the plate that was seen empty; without it, the present one."""

    plate_epoch: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class LiveOut(Schema):
    progress: float | None
    remaining_s: int | None
    nozzle_c: float | None
    bed_c: float | None
    chamber_c: float | None
    adjusted: dict[str, str]
    file: str
    layer: int | None
    layers: int | None
    errors: list[str]
    updated_at: datetime


class SlotOut(Schema):
    index: int
    material: str
    color: str
    spool_id: UUID | None
    grams_left: float | None


class LentOut(Schema):
    """On what terms `owner` lends it to you; limits are 0 for none, ranges of hours in the owner's zone."""

    price_per_hour: str
    price_per_gram: str
    currency: str
    hours: dict[str, list[list[str]]]
    time_zone: str
    materials: list[str]
    most_grams: int
    prints_per_week: int
    hours_per_week: int
    owner_first: bool
    not_now_because: str | None


class PrinterOut(Schema):
    """A printer of yours, or one that is `lent` to you: what is its owner's affair is null or empty there.

    `lent_to` names the organisation whose print a printer of yours is taken for.
    """

    id: UUID
    name: str
    protocol: str
    model: str
    state: PrinterState
    plate: str
    plate_epoch: int | None
    enabled: bool
    out_of_service_reason: str
    tags: list[str]
    location: str
    bed_mm: list[float] | None
    bed_form: BedForm
    bed_tolerance_mm: float
    nozzle_mm: float | None
    hardened_nozzle: bool
    ejects: bool
    held_after_failures: int
    maintenance: Literal["due", "overdue"] | None
    auto_queue: bool
    rate_per_hour: str
    currency: str
    notes: str
    created_at: datetime | None
    live: LiveOut | None
    slots: list[SlotOut]
    job_id: UUID | None
    lent_to: str | None
    owner: str
    lent: LentOut | None


class PrinterList(Schema):
    items: list[PrinterOut]
    count: int


class DetectedOut(Schema):
    model: str
    firmware: str
    name: str
    serial: str
    nozzle_mm: float | None
    bed_mm: list[float] | None
    warnings: list[str]


class TestResult(Schema):
    ok: bool
    diagnosis: str
    detected: DetectedOut | None


class Answer(Schema):
    answer: str


def checked(given: dict[str, Any], printer: Printer) -> PrinterForm:
    """The form of `given`, sound; Problem 422 naming the fields otherwise. `printer` then has the values."""
    form = PrinterForm(_as_form_data(given), instance=printer)
    if form.is_valid():
        return form
    errors = [
        field_error(FORM_NAMES.get(name, name), str(message))
        for name, messages in form.errors.items()
        for message in messages
    ]
    raise Problem(422, "Some values are not accepted.", errors)


def made(payload: NewPrinter) -> Printer:
    """Add the printer, without a connection test. Raises AlreadyThere or Problem."""
    printer = Printer(enabled=payload.enabled)
    checked(payload.dict(), printer)
    slots = SLOTS.get(printer.protocol, 1)
    return add(printer, secret=payload.secret, tags=tags_named(payload.tags), slots=slots)


def changed(printer: Printer, payload: ChangedPrinter) -> Printer:
    """Change what was given. Raises AlreadyThere or Problem."""
    given = payload.dict(exclude_unset=True)
    nulls = [name for name, value in given.items() if value is None and name not in ("bed_mm", "nozzle_mm")]
    if nulls:
        raise Problem(
            422, "Some values are not accepted.", [field_error(name, "can't be null") for name in nulls]
        )
    checked({**_as_given(printer), **given}, printer)
    printer.enabled = given.get("enabled", printer.enabled)
    tags = tags_named(given["tags"]) if "tags" in given else None
    return change(printer, secret=given.get("secret"), tags=tags)


def _as_given(printer: Printer) -> dict[str, Any]:
    """A stored printer as a script would send it, without tags and secret."""
    same = ("name", "protocol", "model", "port", "file_port", "serial", "user", "location", "nozzle_mm",
            "hardened_nozzle", "bed_form", "bed_tolerance_mm", "ejects", "auto_queue", "rate_per_hour",
            "notes")  # fmt: skip
    return {name: getattr(printer, name) for name in same} | {
        "address": address_of(printer),
        "bed_mm": printer.bed_mm,
    }


def _as_form_data(given: dict[str, Any]) -> dict[str, Any]:
    data = {name: value for name, value in given.items() if value is not None and value is not False}
    bed_mm = data.pop("bed_mm", ())
    data |= dict(zip(("bed_x_mm", "bed_y_mm", "bed_z_mm"), bed_mm, strict=False))
    data["tag_names"] = ", ".join(data.pop("tags", ()))
    return {name: value for name, value in data.items() if name not in ("port", "file_port") or value}
