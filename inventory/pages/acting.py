"""Weighing, loading, unloading, archiving and restoring a spool."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inventory import keeping, loading
from inventory.drying.reckoning import note
from inventory.drying.wording import load_warning
from inventory.forms import LoadForm, LoadSlotForm, WeighForm
from inventory.models import Spool
from inventory.refusing import OutOfRange, Refused
from inventory.weighing import weigh
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.models import Slot
from ui.fragments import add_toast, wants_fragment

from .detail import found, inspector
from .listing import show, to_spool


@require_POST
@require("spool.edit")
def spool_weigh(request: OrgRequest, pk: UUID) -> HttpResponse:
    spool = found(pk)
    form = WeighForm(request.POST)
    if form.is_valid():
        try:
            weigh(spool, form.cleaned_data["grams_left"])
        except OutOfRange as reason:
            form.add_error("grams_left", str(reason))
        else:
            messages.success(
                request, _("%(spool)s has %(left)g g left.") % {"spool": spool, "left": spool.left_g}
            )
            return to_spool(request, spool)
    return show(request, inspector(request, spool, form), status=422)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def spool_load(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Into which slot this spool goes."""
    spool = found(pk)
    form = LoadForm(request.POST or None)
    if form.is_valid() and _loaded(request, form, spool, form.cleaned_data["slot"]):
        return to_spool(request, spool)
    note([spool])
    context = {"form": form, "spool": spool}
    return render(request, "inventory/spool_load.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def slot_load(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Which spool goes into this slot of a printer."""
    slot = get_object_or_404(Slot.objects.select_related("printer"), pk=pk)
    form = LoadSlotForm(request.POST or None)
    if form.is_valid() and _loaded(request, form, form.cleaned_data["spool"], slot):
        return redirect("printers:detail", pk=slot.printer_id)
    context = {"form": form, "slot": slot, "held": Spool.objects.filter(slot=slot).first()}
    return render(request, "inventory/slot_load.html", context, status=422 if form.is_bound else 200)


def _loaded(request: OrgRequest, form: LoadForm | LoadSlotForm, spool: Spool, slot: Slot) -> bool:
    """Load and say so; False with the reason on the form."""
    try:
        other = loading.load(spool, slot)
    except Refused as reason:
        form.add_error(None, str(reason))
        return False
    words = {"spool": spool, "slot": slot, "other": other}
    said = _("%(spool)s is loaded in %(slot)s.")
    if other:
        said = _("%(spool)s is loaded in %(slot)s; %(other)s was unloaded from it.")
    messages.success(request, said % words)
    if warning := load_warning(spool):
        messages.warning(request, warning)
    return True


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
