"""The forms for new spools and for changing one."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from inventory import keeping, products
from inventory.forms import AddForm, FilamentForm, SpoolForm
from inventory.models import Spool
from inventory.table import brands, locations, materials
from orgs.permissions import require
from orgs.requests import OrgRequest

from .detail import found
from .listing import to_spool


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def spool_add(request: OrgRequest) -> HttpResponse:
    """Spools of a filament that is known, or of a new one told in the same form."""
    said = request.POST if request.method == "POST" else None
    form = AddForm(said, initial={"filament": request.GET.get("filament")})
    new = FilamentForm(said if form.wants_new_filament else None, prefix="new")
    if form.is_bound and all([form.is_valid(), not form.wants_new_filament or new.is_valid()]):
        spools = _added(form, new)
        words = ngettext("%(spool)s is added.", "%(count)d spools of %(filament)s are added.", len(spools))
        told = {"spool": spools[0], "count": len(spools), "filament": spools[0].filament}
        messages.success(request, words % told)
        return redirect("spools:detail", pk=spools[0].pk) if len(spools) == 1 else redirect("spools:list")
    context = {
        "form": form, "new": new, "materials": materials(), "brands": brands(), "locations": locations(),
    }  # fmt: skip
    return render(request, "inventory/spool_add.html", context, status=422 if form.is_bound else 200)


def _added(form: AddForm, new: FilamentForm) -> list[Spool]:
    fields = dict(form.cleaned_data)
    count, filament = fields.pop("count"), fields.pop("filament")
    with transaction.atomic():
        return keeping.add(filament or products.add_filament(new.cleaned_data), count, **fields)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def spool_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    spool = found(pk)
    form = SpoolForm(request.POST or None, instance=found(pk))
    if form.is_valid():
        keeping.edit(spool, {name: form.cleaned_data[name] for name in form.changed_data})
        messages.success(request, _("Spool #%(number)d is saved.") % {"number": spool.number})
        return to_spool(request, spool)
    context = {"form": form, "spool": spool, "locations": locations()}
    return render(request, "inventory/spool_edit.html", context, status=422 if form.is_bound else 200)
