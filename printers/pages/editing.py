"""Adding, editing, testing and deleting a printer."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers import adding, catalogue
from printers.drivers import DRIVERS
from printers.drivers.driver import Detected
from printers.forms import PrinterForm, tags_named
from printers.models import Printer
from printers.probing import Diagnosis, probe, settle
from printers.schemas import SLOTS
from ui.fragments import render_page


@require_http_methods(["GET", "POST"])
@require("printer.edit")
@limited("printer-test")
def printer_form(request: OrgRequest, pk: UUID | None = None) -> HttpResponse:
    """Add a printer, or edit one. Saving tests the connection first; a failing test is told, not fatal."""
    printer = get_object_or_404(Printer, pk=pk) if pk else Printer()
    form = PrinterForm(request.POST or None, instance=printer)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form)
    diagnosis = None
    if "save_anyway" not in request.POST:
        diagnosis = probe(form.instance, secret=form.new_secret)
        if not diagnosis.ok:
            return _diagnosis(request, diagnosis, offers_save=True)
    try:
        saved = _save(form, diagnosis, is_new=pk is None)
    except adding.AlreadyThere as error:
        form.add_error(None, str(error))
        return _form_page(request, form)
    messages.success(request, _("%(name)s is saved.") % {"name": saved})
    return HttpResponseClientRedirect(reverse("printers:detail", args=[saved.pk]))


def _save(form: PrinterForm, diagnosis: Diagnosis | None, *, is_new: bool) -> Printer:
    printer, detected = form.instance, diagnosis.detected if diagnosis else None
    if detected:
        settle(printer, detected)
    machine_key = detected.machine_key if detected else ""
    tags = tags_named(form.cleaned_data["tag_names"])
    if is_new:
        slots = SLOTS.get(printer.protocol, 1)
        return adding.add(
            printer, secret=form.new_secret or "", machine_key=machine_key, tags=tags, slots=slots
        )
    return adding.change(printer, secret=form.new_secret, machine_key=machine_key, tags=tags)


@require_POST
@require("printer.edit")
@limited("printer-test")
def printer_test(request: OrgRequest, pk: UUID | None = None) -> HttpResponse:
    """What a connection with the form's values, not yet saved, finds out."""
    printer = get_object_or_404(Printer, pk=pk) if pk else Printer()
    form = PrinterForm(request.POST, instance=printer)
    form.fields["name"].required = False
    form.full_clean()
    wrong = [name for name in ("address", "protocol", "port", "serial", "secret") if form.errors.get(name)]
    if wrong:
        words = " ".join(str(error) for name in wrong for error in form.errors[name])
        return _diagnosis(request, Diagnosis(words))
    return _diagnosis(request, probe(form.instance, secret=form.new_secret))


@require_http_methods(["GET", "POST"])
@require("printer.edit")
def printer_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    if request.method == "POST":
        try:
            adding.delete(printer)
        except adding.StillHeld as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("printers:detail", args=[pk]))
        messages.success(request, _("%(name)s is deleted.") % {"name": printer})
        return HttpResponseRedirect(reverse("printers:list"))
    return render(request, "printers/printer_delete.html", {"printer": printer})


def _form_page(request: OrgRequest, form: PrinterForm) -> HttpResponse:
    asking = [driver for driver in DRIVERS.values() if driver.takes_secret]
    context: dict[str, Any] = {
        "form": form,
        "printer": form.instance if form.instance.name and not form.instance._state.adding else None,
        "makers": [
            (maker, [(model.name, _fill(model)) for model in models])
            for maker, models in catalogue.by_maker()
        ],
        "protocols": [{"label": driver.label, "secret_label": driver.secret_label} for driver in asking],
        "asking": " ".join(driver.protocol for driver in asking),
        "open": " ".join(name for name, driver in DRIVERS.items() if driver not in asking),
    }
    status = 422 if form.is_bound else 200
    return render_page(request, "printers/printer_form.html", "printers/_printer_form.html", context, status)


def _fill(model: catalogue.KnownModel) -> str:
    """The form's fields that choosing `model` fills, as JSON; the protocol only where we speak it."""
    x, y, z = model.bed_mm
    filled = {"model": model.name, "bed_x_mm": x, "bed_y_mm": y, "bed_z_mm": z, "nozzle_mm": model.nozzle_mm}
    if model.protocol in DRIVERS:
        filled["protocol"] = model.protocol
    return orjson.dumps(filled).decode()


def _diagnosis(request: OrgRequest, diagnosis: Diagnosis, *, offers_save: bool = False) -> HttpResponse:
    found = _found(diagnosis.detected) if diagnosis.detected else {}
    context = {
        "diagnosis": diagnosis,
        "found": found,
        "words": [(PrinterForm.base_fields[name].label, value) for name, value in found.items()],
        "fill": orjson.dumps(found).decode(),
        "offers_save": offers_save,
    }
    response = render(request, "printers/_diagnosis.html", context, status=422 if offers_save else 200)
    return reswap(retarget(response, "#diagnosis"), "outerHTML")


def _found(detected: Detected) -> dict[str, Any]:
    """What the machine told, by the form's fields; only what it did tell."""
    known = catalogue.find(detected.model)
    bed = detected.bed_mm or (known.bed_mm if known else (None, None, None))
    found = {
        "model": known.name if known else detected.model,
        "serial": detected.serial,
        "bed_x_mm": bed[0],
        "bed_y_mm": bed[1],
        "bed_z_mm": bed[2],
        "nozzle_mm": detected.nozzle_mm,
    }
    return {name: value for name, value in found.items() if value}
