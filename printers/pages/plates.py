"""The plate of a printer as somebody who stands before it says it, and the codes that lead there."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jobs.models import GuestPrint, Print
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers import plates
from printers.codes import Label, code_of
from printers.forms import PlateSaidForm
from printers.models import Printer
from printers.states import PrinterState
from printers.visible import visible_printers
from reports.fleet import gather
from reports.shown import Shown
from stations.models import Plate
from ui.fragments import render_page
from ui.tables import Table

# Where the machine does not vouch for what one sees, the person says twice that they looked.
ODD = frozenset({PrinterState.OFFLINE, PrinterState.UNKNOWN})


class CodeTable(Table[Printer]):
    id = "codes"
    columns = ()
    search = ("name", "location", "model")
    order = ("location", "name")


@require_GET
@require("printer.view")
def plate(request: OrgRequest, pk: UUID) -> HttpResponse:
    """The page behind the code on the printer, for a phone."""
    return _page(request, get_object_or_404(visible_printers(request.membership), pk=pk))


@require_POST
@require("printer.control")
def plate_said(request: OrgRequest, pk: UUID) -> HttpResponse:
    """What the person saw: the plate of `plate_epoch` is clear, or there is something on it."""
    printer = get_object_or_404(Printer, pk=pk)
    form = PlateSaidForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Look at the plate again, then say so here."))
    elif form.cleaned_data["answer"] == "occupied":
        plates.occupied(pk)
        messages.success(request, _("Noted: the plate of %(name)s is not clear.") % {"name": printer})
    elif odd_of(*gather([printer])) and not form.cleaned_data["sure"]:
        return _page(request, printer, status=422, asks=True)
    else:
        _clear(request, printer, form.cleaned_data["plate_epoch"])
    return redirect("printers:plate", pk=pk)


def _clear(request: OrgRequest, printer: Printer, seen_epoch: int) -> None:
    try:
        plates.clear(printer.pk, seen_epoch=seen_epoch)
    except plates.StalePlate as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The plate of %(name)s is clear.") % {"name": printer})


def odd_of(one: Shown) -> str:
    """Why it is not enough to press the button once; empty where it is."""
    if one.faults:
        return _("The printer reports: %(what)s") % {"what": "; ".join(f.text or f.code for f in one.faults)}
    if one.state in ODD:
        return _("The printer is not heard from, so only your eyes tell whether it stands still.")
    return ""


def _page(request: OrgRequest, printer: Printer, *, status: int = 200, asks: bool = False) -> HttpResponse:
    (shown,) = gather([printer])
    context: dict[str, Any] = {
        "printer": printer,
        "shown": shown,
        "last": _last_on(printer),
        "odd": odd_of(shown),
        "asks": asks,
        "is_clear": shown.plate == Plate.CLEAR,
        "is_occupied": shown.plate == Plate.OCCUPIED,
        "may_control": may(request, "printer.control"),
    }
    return render(request, "printers/plate.html", context, status=status)


def _last_on(printer: Printer) -> Print | None:
    """Our print that was the last to be started on it; None where that was another organisation's."""
    rows = Print.objects.filter(printer=printer.pk, started_at__isnull=False).select_related("job")
    last = rows.order_by("-started_at").first()
    if last and GuestPrint.objects.filter(printer=printer.pk, began_at__gt=last.started_at).exists():
        return None
    return last


@require_GET
@require("printer.view")
def plate_codes(request: OrgRequest) -> HttpResponse:
    """Labels to print, cut out and stick on the printers."""
    table = CodeTable(visible_printers(request.membership), request.GET)
    labels = [label_of(request, printer) for printer in table.rows]
    context = {"table": table, "labels": labels}
    return render_page(request, "printers/plate_codes.html", "printers/_plate_codes.html", context)


def label_of(request: OrgRequest, printer: Printer) -> Label:
    """The code of a printer's plate page at the address by which this request came."""
    url = request.build_absolute_uri(reverse("printers:plate", args=[printer.pk]))
    return Label(printer.name, printer.location, url, code_of(url))
