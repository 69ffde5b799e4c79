"""Printers that others lend to us: beside our own in their list, and a page for each."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from jobs.lending import ordering, showing
from jobs.lending.ordering import ORDERS as ORDERS
from jobs.lending.showing import LentPrinter
from jobs.models import Print
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.drivers.driver import DriverError
from reports.following import delta, nothing_new, seen_version

LAST_PRINTS = 12


@require_GET
@require("printer.view")
def lent_live(request: OrgRequest) -> HttpResponse:
    """204, or the cards of all that is lent to us, if anything of it has changed since the page's version."""
    seen, version = seen_version(request), showing.version_for()
    if version == seen:
        return nothing_new(version)
    lent = showing.printers_for(request.membership)
    return delta([render_to_string("lending/_lent.html", {"lent": lent}, request)], version)


@require_GET
@require("printer.view")
def lent_printer(request: OrgRequest, pk: UUID) -> HttpResponse:
    version = showing.version_for([pk])
    printer = _found(request, pk)
    prints = Print.objects.filter(lent_id=pk, started_at__isnull=False).select_related("job")
    context = {
        **_shown(request, printer),
        "version": version,
        "prints": list(prints.order_by("-started_at")[:LAST_PRINTS]),
    }
    return render(request, "lending/lent_printer.html", context)


@require_GET
@require("printer.view")
def lent_printer_live(request: OrgRequest, pk: UUID) -> HttpResponse:
    if not showing.is_shown(request.membership, pk):
        raise Http404
    seen, version = seen_version(request), showing.version_for([pk])
    if version == seen:
        return nothing_new(version)
    printer = _found(request, pk)
    return delta([render_to_string("lending/_now.html", _shown(request, printer), request)], version)


@require_POST
@require("printer.control")
def lent_order(request: OrgRequest, pk: UUID, name: str) -> HttpResponse:
    """Pause, go on with or cancel our own print there."""
    printer = _found(request, pk)
    try:
        messages.success(request, ordering.order(pk, printer.ours, name))
    except DriverError as error:
        messages.error(request, str(error))
    return redirect("lending:printer", pk=pk)


def _found(request: OrgRequest, pk: UUID) -> LentPrinter:
    found = showing.printers_for(request.membership, [pk])
    if not found:
        raise Http404
    return found[0]


def _shown(request: OrgRequest, printer: LentPrinter) -> dict[str, Any]:
    return {"printer": printer, "may_control": may(request, "printer.control")}
