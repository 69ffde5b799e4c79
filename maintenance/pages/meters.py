"""A printer's hours and its nozzle."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from maintenance import counting, nozzles, wording
from maintenance.due import HOUR_S
from maintenance.forms import HoursForm, NozzleForm
from maintenance.refusing import Refused
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.models import Printer


@require_http_methods(["GET", "POST"])
@require("maintenance.edit")
def hours(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Correct what the meter shows."""
    printer = get_object_or_404(Printer, pk=pk)
    meter = counting.meter_of(printer)
    first = {
        "seen_s": meter.printed_s,
        "hours": round(meter.printed_s / HOUR_S, 1),
        "counts_for_tasks": "before",
    }
    form = HoursForm(request.POST or None, initial=first)
    if form.is_valid():
        said = form.cleaned_data
        try:
            counting.correct(
                printer,
                int(said["hours"] * HOUR_S),
                counts_for_tasks=said["counts_for_tasks"],
                seen_s=said["seen_s"],
            )
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("The hours of %(name)s are corrected.") % {"name": printer})
            return redirect("printers:detail", pk=pk)
    return _page(request, "maintenance/hours.html", printer, {"form": form, "meter": meter})


@require_http_methods(["GET", "POST"])
@require("maintenance.log")
def nozzle(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Another nozzle is on the printer."""
    printer = get_object_or_404(Printer, pk=pk)
    meter = counting.meter_of(printer)
    first = {
        "seen": nozzles.fitted(meter),
        "nozzle_mm": printer.nozzle_mm,
        "hardened": printer.hardened_nozzle,
    }
    form = NozzleForm(request.POST or None, initial=first)
    if form.is_valid():
        try:
            entry = nozzles.fit(printer, request.user, **form.cleaned_data)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            words = {"name": printer, "nozzle": entry.what}
            messages.success(request, _("%(name)s: %(nozzle)s. Its hours begin anew.") % words)
            return redirect("printers:detail", pk=pk)
    used = wording.hours(nozzles.used_s(meter))
    return _page(request, "maintenance/nozzle.html", printer, {"form": form, "meter": meter, "used": used})


def _page(request: OrgRequest, name: str, printer: Printer, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].is_bound else 200
    return render(request, name, {"printer": printer, **context}, status=status)
