"""The list of filaments and their form."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory import products
from inventory.forms import FilamentForm
from inventory.models import Filament
from inventory.refusing import Refused
from inventory.stock import count_low, days_of, used_per_day
from inventory.table import FilamentTable, brands, listed_filaments, materials
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui.fragments import render_page


@require_GET
@require("spool.view")
def filament_list(request: OrgRequest) -> HttpResponse:
    table = FilamentTable(listed_filaments(), request.GET)
    rates = used_per_day([row.pk for row in table.rows])
    context = {
        "table": table,
        "rows": [(row, *_lasting(row, rates.get(row.pk, Decimal(0)))) for row in table.rows],
        "low": count_low(),
        "may_edit": may(request, "spool.edit"),
    }
    return render_page(request, "inventory/filament_list.html", "inventory/_filaments.html", context)


def _lasting(row: Any, per_day_g: Decimal) -> tuple[int | None, Decimal, bool]:
    """The whole days that what is left lasts, at how many grams a day, and whether that is too little."""
    is_low = row.low_g is not None and row.left_g < row.low_g
    days = days_of(row.left_g, per_day_g)
    return None if days is None else int(days), per_day_g, is_low


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def filament_form(request: OrgRequest, pk: UUID | None = None) -> HttpResponse:
    """Add a filament, or edit one."""
    filament = get_object_or_404(Filament, pk=pk) if pk else None
    form = FilamentForm(request.POST or None, instance=filament and Filament.objects.get(pk=filament.pk))
    if form.is_valid():
        fields = form.cleaned_data
        saved = products.edit_filament(filament, fields) if filament else products.add_filament(fields)
        messages.success(request, _("%(filament)s is saved.") % {"filament": saved})
        return redirect("spools:filaments")
    context = {"form": form, "filament": filament, "materials": materials(), "brands": brands()}
    return render(request, "inventory/filament_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("spool.edit")
def filament_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    filament = get_object_or_404(Filament, pk=pk)
    try:
        products.delete_filament(filament)
    except Refused as reason:
        messages.error(request, str(reason))
        return redirect("spools:filament_edit", pk=pk)
    messages.success(request, _("%(filament)s is deleted.") % {"filament": filament})
    return redirect("spools:filaments")
