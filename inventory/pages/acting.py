"""Weighing, moving, loading, unloading, archiving and restoring a spool."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inventory import keeping, loading
from inventory.drying.reckoning import note
from inventory.forms import LoadForm, MoveForm, WeighForm
from inventory.refusing import OutOfRange, Refused
from orgs.permissions import require
from orgs.requests import OrgRequest
from ui.fragments import add_toast, wants_fragment

from .detail import found, inspector
from .listing import show, to_spool
from .slots import say_loaded


@require_POST
@require("spool.edit")
def spool_weigh(request: OrgRequest, pk: UUID) -> HttpResponse:
    spool = found(pk)
    form = WeighForm(spool, request.POST)
    if form.is_valid():
        try:
            form.weigh()
        except OutOfRange as reason:
            form.add_error("grams_left", str(reason))
        else:
            messages.success(
                request, _("%(spool)s has %(left)s g left.") % {"spool": spool, "left": f"{spool.left_g:f}"}
            )
            return to_spool(request, spool)
    return show(request, inspector(request, spool, form), status=422)


@require_POST
@require("spool.edit")
def spool_move(request: OrgRequest, pk: UUID) -> HttpResponse:
    """To another place on the shelf; which slot it is in does not change by that."""
    spool, form = found(pk), MoveForm(request.POST)
    if not form.is_valid():
        return show(request, {**inspector(request, spool), "move_form": form}, status=422)
    keeping.edit(spool, {"location": form.cleaned_data["location"]})
    spool = found(pk)
    said = _("%(spool)s belongs in %(location)s now.") if spool.location else _("%(spool)s has no place now.")
    messages.success(request, said % {"spool": spool, "location": spool.location})
    return to_spool(request, spool)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def spool_load(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Into which slot this spool goes."""
    spool = found(pk)
    form = LoadForm(request.POST or None)
    if form.is_valid():
        slot = form.cleaned_data["slot"]
        try:
            other = loading.load(spool, slot)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            say_loaded(request, spool, slot, other)
            return to_spool(request, spool)
    note([spool])
    context = {"form": form, "spool": spool}
    return render(request, "inventory/spool_load.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def spool_unload(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Asks first when it is come to by a link; a button of a live page is answered by a toast."""
    spool = found(pk)
    slot = spool.slot
    if request.method == "GET":
        return render(request, "inventory/spool_unload.html", {"spool": spool})
    loading.unload(spool)
    said = _("%(spool)s is unloaded.") % {"spool": spool}
    if wants_fragment(request):
        return add_toast(HttpResponse(status=204), said)
    messages.success(request, said)
    if slot and request.POST.get("back") == "printer":
        return redirect("printers:detail", pk=slot.printer_id)
    return to_spool(request, spool)


@require_POST
@require("spool.edit")
def spool_archive(request: OrgRequest, pk: UUID) -> HttpResponse:
    spool = found(pk)
    keeping.archive(spool)
    messages.success(request, _("%(spool)s is archived.") % {"spool": spool})
    return to_spool(request, spool)


@require_POST
@require("spool.edit")
def spool_restore(request: OrgRequest, pk: UUID) -> HttpResponse:
    spool = found(pk)
    keeping.restore(spool)
    messages.success(request, _("%(spool)s is back on the shelf.") % {"spool": spool})
    return to_spool(request, spool)
