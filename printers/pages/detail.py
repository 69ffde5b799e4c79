"""One printer's page and its live deltas."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from alerts.kinds import Kind
from alerts.models import Alert
from audit.models import Entry
from jobs import accuracy, failing
from jobs.models import Print
from maintenance import showing
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers import catalogue, live
from printers.forms import address_of
from printers.visible import visible_printers
from reports.drawing import draw
from reports.fleet import gather
from reports.following import delta, nothing_new, seen_version
from stations.models import Offer

from . import telemetry
from .plates import label_of
from .selecting import protocol_label

LAST_PRINTS, LAST_LINES, LAST_ERRORS = 12, 12, 8


@require_GET
@require("printer.view")
def printer_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = get_object_or_404(visible_printers(request.membership), pk=pk)
    version = live.version_of(request.org.pk)
    (shown,) = gather([printer])
    known = catalogue.find(printer.model)
    context: dict[str, Any] = {
        "printer": printer,
        "shown": shown,
        "now": draw(request, shown, "now"),
        "version": version,
        "address": address_of(printer),
        "protocol": protocol_label(printer.protocol),
        "excluded_mm": known.excluded_mm if known else None,
        "prints": _last_prints(pk),
        "errors": _last_errors(pk),
        "failures": failing.last_failures(pk),
        "rate": failing.rate_of(printer=pk),
        "accuracy": accuracy.of_printer(pk),
        "lines": _last_lines(pk) if may(request, "audit.view") else None,
        "upkeep": showing.of_printer(printer) if may(request, "maintenance.view") else None,
        "may_edit": may(request, "printer.edit"),
        "may_lend": may(request, "lending.manage"),
        "is_lent": Offer.objects.by(request.org).filter(station=pk, state=Offer.State.OFFERED).exists(),
        "guest_asks": shown.guest if shown.asks and may(request, "printer.control") else None,
        "label": label_of(request, printer),
        **telemetry.panel(printer, request.GET.get("span", "")),
    }
    return render(request, "printers/printer_detail.html", context)


@require_GET
@require("printer.view")
def printer_live(request: OrgRequest, pk: UUID) -> HttpResponse:
    """204, or what the printer does now if that changed since the page's version."""
    seen = seen_version(request)
    version, changed = live.changes_since(request.org.pk, seen)
    printer = get_object_or_404(visible_printers(request.membership), pk=pk)
    if pk not in changed:
        return nothing_new(version)
    (shown,) = gather([printer])
    return delta([draw(request, shown, "now-parts")], version)


def _last_prints(pk: UUID) -> Sequence[Print]:
    rows = Print.objects.filter(printer=pk, started_at__isnull=False).select_related("job")
    return list(rows.order_by("-started_at")[:LAST_PRINTS])


def _last_errors(pk: UUID) -> Sequence[Alert]:
    """When the machine itself asked for a person or was not heard of, the latest first."""
    rows = Alert.objects.filter(target_id=pk, kind__in=(Kind.ERROR, Kind.NEEDS_YOU, Kind.OFFLINE))
    return list(rows[:LAST_ERRORS])


def _last_lines(pk: UUID) -> Sequence[Entry]:
    return list(Entry.objects.filter(target_type="printers.printer", target_id=str(pk))[:LAST_LINES])
