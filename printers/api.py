"""Printers over the REST API."""

from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router

from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import answer, check_parameters, listing, ordered, searched, tail
from orgs.rest.problems import Conflict
from reports.fleet import gather
from reports.shown import Shown

from . import adding, failures, plates
from .drivers.driver import DriverError
from .models import Printer
from .ordering import adjust, order, set_service
from .probing import Diagnosis, probe
from .rest.lent import lent_matching, lent_one
from .rest.showing import as_dict
from .schemas import (
    AdjustIn,
    Answer,
    ChangedPrinter,
    Filters,
    NewPrinter,
    OutOfService,
    PlateSeen,
    PrinterList,
    PrinterOut,
    PrinterQuery,
    TestedPrinter,
    TestResult,
    changed,
    checked,
    made,
)
from .states import PrinterState, order_of
from .visible import visible_printers

router = Router(tags=["printers"])
ORDERINGS = {"name": "name", "created_at": "created_at"}
SEARCHED = ("name", "model", "location")


def matching(rows: "QuerySet[Printer]", words: str, filters: Filters) -> "QuerySet[Printer]":
    """By everything but the state, which is not in the database."""
    return filters.filtered(searched(rows, words, SEARCHED))


def in_state(rows: "QuerySet[Printer]", state: PrinterState) -> list[UUID]:
    return [one.pk for one in gather(rows, details=False) if one.state == state]


def _one(request: OrgRequest, printer: Printer, status: int = 200) -> HttpResponse:
    (shown,) = gather([printer])
    return answer(as_dict(shown, request.org), status)


@router.get("", response={200: PrinterList}, summary="Printers of your organisation, then those lent to it")
@require("printer.view")
def printer_list(request: OrgRequest, query: Query[PrinterQuery]) -> HttpResponse:
    rows = matching(visible_printers(request.membership), query.search, query)
    more = lent_matching(request, query)
    if query.ordering.removeprefix("-") == "state":
        found = gather(rows)
        found.sort(key=lambda one: order_of(one.state), reverse=query.ordering.startswith("-"))
        return _page(request, query, found, more)
    rows = ordered(rows, query.ordering, ORDERINGS, ("name",))
    if query.state:
        return _page(request, query, gather(rows), more)
    return listing(
        request,
        query,
        rows,
        lambda page: [as_dict(one, request.org) for one in gather(page)],
        more,
    )


def _page(
    request: OrgRequest, query: PrinterQuery, found: list[Shown], more: list[dict[str, Any]]
) -> HttpResponse:
    """A page of printers sorted or chosen by their state, which no table holds."""
    check_parameters(request, query)
    chosen = [one for one in found if query.state in (None, one.state)]
    page = chosen[query.offset : query.offset + query.limit]
    items = [as_dict(one, request.org) for one in page]
    items += tail(more, query, len(chosen), len(items))
    return answer({"items": items, "count": len(chosen) + len(more)})


@router.post("", response={201: PrinterOut}, summary="Add a printer, without testing the connection")
@require("printer.edit")
@idempotent
def printer_add(request: OrgRequest, payload: NewPrinter) -> HttpResponse:
    try:
        printer = made(payload)
    except adding.AlreadyThere as error:
        raise Conflict(str(error)) from None
    return _one(request, printer, 201)


@router.post("/test", response={200: TestResult}, summary="Try a connection; nothing is saved")
@require("printer.edit")
@limited("printer-test")
def printer_test(request: OrgRequest, payload: TestedPrinter) -> HttpResponse:
    printer = Printer()
    checked({**payload.dict(), "name": uuid4().hex}, printer)
    return answer(_told(probe(printer, secret=payload.secret)))


def _told(diagnosis: Diagnosis) -> dict[str, Any]:
    names = ("model", "firmware", "name", "serial", "nozzle_mm", "bed_mm", "warnings")
    found = diagnosis.detected
    detected = {name: getattr(found, name) for name in names} if found else None
    return {"ok": diagnosis.ok, "diagnosis": diagnosis.words, "detected": detected}


@router.get("/{pk}", response={200: PrinterOut}, summary="One printer")
@require("printer.view")
def printer_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = visible_printers(request.membership).filter(pk=pk).first()
    if printer is None and (found := lent_one(request, pk)):
        return answer(found)
    if printer is None:
        raise Http404
    return _one(request, printer)


@router.patch(
    "/{pk}", response={200: PrinterOut}, summary="Change a printer; without secret the stored one stays"
)
@require("printer.edit")
def printer_change(request: OrgRequest, pk: UUID, payload: ChangedPrinter) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    try:
        return _one(request, changed(printer, payload))
    except adding.AlreadyThere as error:
        raise Conflict(str(error)) from None


@router.delete("/{pk}", response={204: None}, summary="Delete a printer that holds no print")
@require("printer.edit")
def printer_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    try:
        adding.delete(get_object_or_404(Printer, pk=pk))
    except adding.StillHeld as error:
        raise Conflict(str(error)) from None
    return HttpResponse(status=204)


def _command(request: OrgRequest, pk: UUID, name: str) -> HttpResponse:
    """Give an order; 409 with the printer's own words where it does not take it."""
    try:
        return answer({"answer": order(get_object_or_404(Printer, pk=pk), name)})
    except DriverError as error:
        raise Conflict(str(error)) from None


@router.post("/{pk}/pause", response={200: Answer}, summary="Pause the print")
@require("printer.control")
def printer_pause(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _command(request, pk, "pause")


@router.post("/{pk}/resume", response={200: Answer}, summary="Go on with the print")
@require("printer.control")
def printer_resume(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _command(request, pk, "resume")


@router.post("/{pk}/cancel", response={200: Answer}, summary="Cancel the print")
@require("printer.control")
def printer_cancel(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _command(request, pk, "cancel")


@router.post("/{pk}/stop", response={200: Answer}, summary="Emergency stop")
@require("printer.control")
def printer_stop(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _command(request, pk, "stop")


@router.post("/{pk}/clear-errors", response={200: Answer}, summary="Clear the printer's errors")
@require("printer.control")
def printer_clear_errors(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _command(request, pk, "clear_errors")


@router.post("/{pk}/adjust", response={200: Answer}, summary="Set its light, speed or a fan")
@require("printer.control")
def printer_adjust(request: OrgRequest, pk: UUID, payload: AdjustIn) -> HttpResponse:
    try:
        return answer({"answer": adjust(get_object_or_404(Printer, pk=pk), payload.name, payload.value)})
    except DriverError as error:
        raise Conflict(str(error)) from None


@router.post("/{pk}/plate-cleared", response={200: Answer}, summary="Say that the plate is empty")
@require("printer.control")
def printer_plate_cleared(request: OrgRequest, pk: UUID, payload: PlateSeen | None = None) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    seen = payload.plate_epoch if payload else None
    try:
        plates.clear(pk, seen_epoch=printer.station.plate_epoch if seen is None else seen)
    except plates.StalePlate as error:
        raise Conflict(str(error)) from None
    return answer({"answer": _("The plate of %(name)s is clear.") % {"name": printer}})


@router.post("/{pk}/release", response={200: Answer}, summary="Let it go on after failed prints")
@require("printer.control")
def printer_release(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    try:
        failures.release(printer)
    except failures.NotHeld as error:
        raise Conflict(str(error)) from None
    return answer({"answer": _("%(name)s goes on.") % {"name": printer}})


@router.post("/{pk}/enable", response={200: Answer}, summary="Put back in service")
@require("printer.edit")
def printer_enable(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = set_service(get_object_or_404(Printer, pk=pk), enabled=True, reason="")
    return answer({"answer": _("%(name)s is in service.") % {"name": printer}})


@router.post("/{pk}/disable", response={200: Answer}, summary="Take no more jobs")
@require("printer.edit")
def printer_disable(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = set_service(get_object_or_404(Printer, pk=pk), enabled=False)
    return answer({"answer": _("%(name)s is disabled: it takes no jobs.") % {"name": printer}})


@router.post("/{pk}/out-of-service", response={200: Answer}, summary="Take out of service, with the reason")
@require("printer.edit")
def printer_out_of_service(request: OrgRequest, pk: UUID, payload: OutOfService) -> HttpResponse:
    printer = set_service(get_object_or_404(Printer, pk=pk), reason=payload.reason)
    return answer({"answer": _("%(name)s is out of service.") % {"name": printer}})
