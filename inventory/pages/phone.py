"""The page behind the code on a spool, for whoever stands before it with a phone and gloves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory import keeping, loading
from inventory.codes import numbered
from inventory.emptying import mark_empty
from inventory.forms import WeighForm
from inventory.models import Spool
from inventory.refusing import OutOfRange, Refused
from inventory.table import locations
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.models import Printer, Slot
from ui.fragments import render_page
from ui.tables import Table


class PlaceTable(Table[Printer]):
    id = "places"
    search = ("name", "location", "model")
    order = ("name",)
    size = 25


class MoveForm(forms.ModelForm[Spool]):
    class Meta:
        model = Spool
        fields = ("location",)
        widgets = {"location": forms.TextInput(attrs={"list": "locations", "autocomplete": "off"})}


@require_GET
@require("spool.view")
def spool(request: OrgRequest, code: int) -> HttpResponse:
    return _page(request, numbered(code))


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def load(request: OrgRequest, code: int) -> HttpResponse:
    """Every slot is a button; the second tap loads."""
    found = numbered(code)
    if request.method == "POST":
        slot = get_object_or_404(Slot.objects.select_related("printer"), pk=_id(request.POST.get("slot", "")))
        try:
            other = loading.load(found, slot)
        except Refused as reason:
            messages.error(request, str(reason))
        else:
            said = _("Loaded in %(slot)s.")
            if other:
                said = _("Loaded in %(slot)s; %(other)s was unloaded from it.")
            messages.success(request, said % {"slot": slot, "other": other})
        return redirect("code:spool", code=code)
    slots = Slot.objects.select_related("spool__filament").order_by("index")
    printers = Printer.objects.prefetch_related(Prefetch("slots", queryset=slots))
    context = {"spool": found, "table": PlaceTable(printers, request.GET)}
    return render_page(request, "inventory/phone_load.html", "inventory/_places.html", context)


@require_POST
@require("spool.edit")
def unload(request: OrgRequest, code: int) -> HttpResponse:
    loading.unload(numbered(code))
    messages.success(request, _("Unloaded."))
    return redirect("code:spool", code=code)


@require_POST
@require("spool.edit")
def weighed(request: OrgRequest, code: int) -> HttpResponse:
    found = numbered(code)
    form = WeighForm(found, request.POST)
    if form.is_valid():
        try:
            form.weigh()
        except OutOfRange as reason:
            form.add_error("grams_left", str(reason))
        else:
            messages.success(request, _("%(left)g g left.") % {"left": numbered(code).left_g})
            return redirect("code:spool", code=code)
    return _page(request, found, status=422, weigh_form=form)


@require_POST
@require("spool.edit")
def moved(request: OrgRequest, code: int) -> HttpResponse:
    found = numbered(code)
    form = MoveForm(request.POST, instance=numbered(code))
    if not form.is_valid():
        return _page(request, found, status=422, move_form=form)
    place = form.cleaned_data["location"]
    keeping.edit(found, {"location": place})
    messages.success(request, _("It belongs to %(place)s now.") % {"place": place} if place else _("Noted."))
    return redirect("code:spool", code=code)


@require_POST
@require("spool.edit")
def emptied(request: OrgRequest, code: int) -> HttpResponse:
    found = numbered(code)
    mark_empty(found)
    messages.success(request, _("Spool #%(number)d is empty and archived.") % {"number": found.number})
    return redirect("code:spool", code=code)


@require_POST
@require("spool.edit")
def restored(request: OrgRequest, code: int) -> HttpResponse:
    keeping.restore(numbered(code))
    messages.success(request, _("It is back on the shelf."))
    return redirect("code:spool", code=code)


def _id(text: str) -> Any:
    """The id of a slot as a form field would take it; None for none."""
    try:
        return forms.UUIDField().clean(text)
    except forms.ValidationError:
        return None


def _page(request: OrgRequest, found: Spool, status: int = 200, **bound: Any) -> HttpResponse:
    context = {
        "spool": found,
        "may_edit": may(request, "spool.edit"),
        "weigh_form": WeighForm(found),
        "move_form": MoveForm(instance=found),
        "locations": locations(),
        **bound,
    }
    return render(request, "inventory/phone.html", context, status=status)
