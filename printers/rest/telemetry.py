"""What a printer measured, minute by minute, over the REST API."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.listing import Sound, answer
from orgs.rest.problems import Problem, field_error
from printers.telemetry import Point, readings_of
from printers.visible import visible_printers

router = Router(tags=["printers"])
LONGEST = timedelta(days=7)
USUAL = timedelta(days=1)
# Far enough for everybody, and near enough to be reckoned with.
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))
]


class TelemetryQuery(Sound):
    """`from` is a day before `to` if it is not given, `to` is now. At most seven days."""

    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None


class PointOut(Schema):
    at: datetime
    nozzle_c: float | None
    bed_c: float | None
    chamber_c: float | None
    progress: float | None


class Telemetry(Schema):
    items: list[PointOut]
    count: int


@router.get("/{pk}/telemetry", response={200: Telemetry}, summary="What it measured, minute by minute")
@require("printer.view")
def printer_telemetry(request: OrgRequest, pk: UUID, query: Query[TelemetryQuery]) -> HttpResponse:
    printer = get_object_or_404(visible_printers(request.membership), pk=pk)
    unknown = sorted(set(request.GET) - {"from", "to"})
    if unknown:
        raise Problem(422, "Unknown parameter.", [field_error(name, "is not known here") for name in unknown])
    end = query.to or timezone.now()
    start = query.from_ or end - USUAL
    if start >= end:
        raise Problem(422, "The time is not accepted.", [field_error("from", "must be before to")])
    if end - start > LONGEST:
        raise Problem(422, "The time is too long.", [field_error("from", "may be at most 7 days before to")])
    items = [_told(point) for point in readings_of(printer.pk, start, end)]
    return answer({"items": items, "count": len(items)})


def _told(point: Point) -> dict[str, Any]:
    names = ("at", "nozzle_c", "bed_c", "chamber_c", "progress")
    return {name: getattr(point, name) for name in names}
