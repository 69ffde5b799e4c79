"""Which spool is in a slot: chosen from a list, with the tag that the printer reads there."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inventory import loading, rfid
from inventory.drying.reckoning import note
from inventory.drying.wording import load_warning
from inventory.forms import LoadSlotForm
from inventory.models import Spool
from inventory.refusing import Refused
from inventory.table import LoadTable, candidates
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.models import Slot
from ui.fragments import render_page


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def slot_load(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Which spool goes into this slot of a printer, or is the one whose tag is read there."""
    slot = get_object_or_404(Slot.objects.select_related("printer"), pk=pk)
    tagged = _tagged(slot)
    form = LoadSlotForm(request.POST or None)
    if form.is_valid():
        spool = form.cleaned_data["spool"]
        try:
            other = Spool.objects.filter(slot=slot).exclude(pk=spool.pk).first()
            if slot.tag and tagged is None:
                rfid.remember(spool, slot)
            else:
                loading.load(spool, slot)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            say_loaded(request, spool, slot, other)
            return redirect("printers:detail", pk=slot.printer_id)
    table = LoadTable(candidates(slot), request.GET)
    note(table.rows)
    context = {
        "form": form,
        "slot": slot,
        "tagged": tagged,
        "held": Spool.objects.filter(slot=slot).select_related("filament").first(),
        "table": table,
    }
    status = 422 if form.is_bound else 200
    return render_page(request, "inventory/slot_load.html", "inventory/_candidates.html", context, status)


def say_loaded(request: OrgRequest, spool: Spool, slot: Slot, other: Spool | None) -> None:
    """That `spool` is in `slot`, which `other` had to leave, and whether it needs drying."""
    said = _("%(spool)s is loaded in %(slot)s.")
    if other:
        said = _("%(spool)s is loaded in %(slot)s; %(other)s was unloaded from it.")
    messages.success(request, said % {"spool": spool, "slot": slot, "other": other})
    if warning := load_warning(spool):
        messages.warning(request, warning)


def _tagged(slot: Slot) -> Spool | None:
    """The spool, archived or not, whose tag is read in the slot."""
    tag = rfid.tag_of(slot.tag)
    return Spool.objects.filter(tag_uid=tag).select_related("filament").first() if tag else None
