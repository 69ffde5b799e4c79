"""Places and dry boxes: the list, their form, merging and deleting."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory import locations
from inventory.forms import LocationForm, MergeForm
from inventory.models import Location
from inventory.refusing import Refused
from inventory.table import LocationTable
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui.fragments import render_page


@require_GET
@require("spool.view")
def location_list(request: OrgRequest) -> HttpResponse:
    context = {
        "table": LocationTable(locations.counted(), request.GET),
        "may_edit": may(request, "spool.edit"),
    }
    return render_page(request, "inventory/location_list.html", "inventory/_locations.html", context)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def location_form(request: OrgRequest, pk: UUID | None = None) -> HttpResponse:
    """Add a place, or change one: its spools go by its new name."""
    location = get_object_or_404(Location, pk=pk) if pk else None
    form = LocationForm(request.POST or None, instance=location and Location.objects.get(pk=location.pk))
    if form.is_valid():
        try:
            fields = form.cleaned_data
            saved = locations.edit(location, fields) if location else locations.add(fields)
        except Refused as reason:
            form.add_error("name", str(reason))
        else:
            messages.success(request, _("%(location)s is saved.") % {"location": saved})
            return redirect("spools:locations")
    context = {"form": form, "location": location, "merge_form": location and MergeForm(location)}
    return render(request, "inventory/location_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("spool.edit")
def location_merge(request: OrgRequest, pk: UUID) -> HttpResponse:
    location = get_object_or_404(Location, pk=pk)
    form = MergeForm(location, request.POST)
    if not form.is_valid():
        context = {"form": LocationForm(instance=location), "location": location, "merge_form": form}
        return render(request, "inventory/location_form.html", context, status=422)
    into = form.cleaned_data["into"]
    try:
        moved = locations.merge(location, into)
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        words = ngettext(
            "%(n)d spool of %(old)s is in %(new)s now.", "%(n)d spools of %(old)s are in %(new)s now.", moved
        )
        messages.success(request, words % {"n": moved, "old": location.name, "new": into})
    return redirect("spools:locations")


@require_POST
@require("spool.edit")
def location_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    location = get_object_or_404(Location, pk=pk)
    try:
        locations.delete(location)
    except Refused as reason:
        messages.error(request, str(reason))
        return redirect("spools:location_edit", pk=pk)
    messages.success(request, _("%(location)s is deleted.") % {"location": location.name})
    return redirect("spools:locations")
