"""Many printers at once over the REST API, and the emergency stop."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router

from bulk.choosing import Choice
from bulk.rest import start_bulk
from bulk.running import start
from bulk.schemas import StartedOut
from bulk.seeing import visible_runs
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import answer
from printers.api import in_state, matching
from printers.bulk import PRINTERS
from printers.models import Printer
from printers.stop_report import Told, report_on, stops
from printers.stopped import Verdict
from printers.visible import visible_ids

from .schemas import PrinterBulkIn, PrinterFilterIn, StopIn, StopOut

router = Router(tags=["printers"])


@router.post("/bulk", response={202: StartedOut}, summary="One action on many printers")
@require("printer.control")
@idempotent
def start_bulk_printers(request: OrgRequest, payload: PrinterBulkIn) -> HttpResponse:
    return start_bulk(request, PRINTERS, payload, _found)


@router.post("/stop", response={202: StartedOut}, summary="Emergency stop of some printers, or of all")
@require("printer.control")
@idempotent
def start_stop(request: OrgRequest, payload: StopIn) -> HttpResponse:
    """They are told at once, whatever else is going on."""
    ids = tuple(dict.fromkeys(payload.ids or ()))
    choice = Choice(PRINTERS, request.membership, ids, Printer.objects.all() if payload.all else None)
    return answer({"run": str(start(choice, "stop", {}).pk)}, 202)


@router.get("/stop/{uuid:run}", response={200: StopOut}, summary="Whether each printer is seen stopped")
@require("printer.view")
def stop_told(request: OrgRequest, run: UUID) -> HttpResponse:
    """`finished` once every printer is seen stopped, or can't be."""
    found = get_object_or_404(visible_runs(request.membership) & stops(), pk=run)
    ids = visible_ids(request.membership)
    told = [one for one in report_on(found) if ids is None or one.pk in ids]
    is_open = any(one.verdict in (Verdict.WAITING, Verdict.TOLD) for one in told)
    return answer({"finished": found.is_over and not is_open, "printers": [_as_dict(one) for one in told]})


def _as_dict(one: Told) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "verdict": one.verdict.value,
        "answer": one.answer,
        "reports": one.reports,
        "reported_at": one.reported_at,
        "stops_at_once": one.stops_at_once,
    }


def _found(asked: PrinterFilterIn) -> "QuerySet[Printer]":
    rows = matching(Printer.objects.all(), asked.search, asked)
    if asked.state is None:
        return rows
    return Printer.objects.filter(pk__in=in_state(rows, asked.state))
