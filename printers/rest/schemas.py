"""What scripts send and get for many printers at once."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from ninja import Field, Schema
from pydantic import model_validator

from bulk.choosing import MOST
from bulk.schemas import BulkIn, FilterIn
from orgs.rest.listing import Strict
from printers.schemas import Filters
from printers.stopped import Verdict


class PrinterFilterIn(FilterIn, Filters):
    pass


class PrinterBulkIn(BulkIn):
    """`add_tag` and `remove_tag` take {"tag"}, `out_of_service` {"reason"}."""

    filter: PrinterFilterIn | None = None
    action: Literal[
        "enable", "disable", "out_of_service", "add_tag", "remove_tag", "pause", "resume", "cancel",
        "plate_cleared", "clear_errors", "stop",
    ]  # fmt: skip


class StopIn(Strict):
    """Either some printers by `ids`, or `all` of them."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST)] | None = None
    all: Literal[True] | None = None

    @model_validator(mode="after")
    def check_which(self) -> Self:
        if (self.ids is None) == (self.all is None):
            raise ValueError("give either ids or all")
        return self


class StoppedOut(Schema):
    """`verdict`: `stopped` is seen standing, `told` took the order, `unconfirmed` has to be switched off at
    the mains, `absent` was not heard from before either, `waiting` is being told.

    `reports` is what it says of itself since; `stops_at_once` whether its protocol has an emergency stop.
    """

    id: UUID
    name: str
    verdict: Verdict
    answer: str
    reports: str
    reported_at: datetime | None
    stops_at_once: bool


class StopOut(Schema):
    finished: bool
    printers: list[StoppedOut]
