"""What people do to a printer: orders to the machine, its plate, in and out of service."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orgs.permissions import require
from orgs.requests import OrgRequest
from printers import failures, ordering, plates
from printers.drivers.driver import DriverError
from printers.forms import OutOfServiceForm, PlateForm
from printers.models import Printer
from printers.ordering import order, set_service
from reports.drawing import draw, kind_asked
from reports.fleet import gather
from ui.fragments import add_toast, wants_fragment

from .bulk import TICKED, Ticks


@require_POST
@require("printer.control")
def command(request: OrgRequest, pk: UUID, name: str) -> HttpResponse:
    """One of printers.commands.COMMANDS, for the print the page showed (`job_key`)."""
    printer = get_object_or_404(Printer, pk=pk)
    try:
        words = order(printer, name, request.POST.get("job_key", "")[:300])
    except DriverError as error:
        return _answer(request, printer, str(error), "bad")
    return _answer(request, printer, words)


@require_POST
@require("printer.control")
def adjust(request: OrgRequest, pk: UUID, name: str) -> HttpResponse:
    """Set the light, the speed or a fan."""
    printer = get_object_or_404(Printer, pk=pk)
    try:
        words = ordering.adjust(printer, name, request.POST.get("value", "")[:40])
    except DriverError as error:
        return _answer(request, printer, str(error), "bad")
    return _answer(request, printer, words)


@require_POST
@require("printer.control")
def plate_cleared(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    form = PlateForm(request.POST)
    if not form.is_valid():
        return _answer(request, printer, _("Reload the page, then look at the plate again."), "bad")
    try:
        plates.clear(printer.pk, seen_epoch=form.cleaned_data["plate_epoch"])
    except plates.StalePlate as error:
        return _answer(request, printer, str(error), "bad")
    return _answer(request, printer, _("The plate of %(name)s is clear.") % {"name": printer})


@require_POST
@require("printer.control")
def release(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Let a printer go on that is held after failed prints."""
    printer = get_object_or_404(Printer, pk=pk)
    try:
        failures.release(printer)
    except failures.NotHeld as error:
        return _answer(request, printer, str(error), "bad")
    return _answer(request, printer, _("%(name)s goes on.") % {"name": printer})


@require_POST
@require("printer.edit")
def service(request: OrgRequest, pk: UUID, enabled: bool) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    set_service(printer, enabled=enabled, reason="" if enabled else None)
    words = _("%(name)s is in service.") if enabled else _("%(name)s is disabled: it takes no jobs.")
    return _answer(request, printer, words % {"name": printer})


@require_POST
@require("printer.edit")
def out_of_service(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    form = OutOfServiceForm(request.POST)
    if not form.is_valid():
        return _answer(request, printer, _("Say why, so that others know."), "bad")
    set_service(printer, reason=form.cleaned_data["reason"])
    return _answer(request, printer, _("%(name)s is out of service.") % {"name": printer})


def _answer(request: OrgRequest, printer: Printer, words: str, tone: str = "good") -> HttpResponse:
    """The fragment the button stands in, as it is now, and a toast; without htmx the printer's page."""
    if not wants_fragment(request):
        messages.add_message(request, messages.ERROR if tone == "bad" else messages.SUCCESS, words)
        return HttpResponseRedirect(reverse("printers:detail", args=[printer.pk]))
    (shown,) = gather([Printer.objects.get(pk=printer.pk)])
    kind = kind_asked(request)
    applies = Ticks(request, kind).applying(shown) if kind in TICKED else None
    return add_toast(HttpResponse(draw(request, shown, kind, applies)), words, tone)
