"""What the organisation lends: the list of offers, and the form for one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs.lending import offers
from jobs.lending.forms import OfferForm, borrowers_form
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.models import Printer
from stations.models import Offer
from ui.fragments import render_page
from ui.tables import Column, Filter, Table


class OfferTable(Table[Offer]):
    """Those that hold first."""

    id = "offers"
    columns = (
        Column("printer", gettext_lazy("Printer"), sort="station__name"),
        Column("state", gettext_lazy("State"), sort="state"),
        Column("to", gettext_lazy("Lent to")),
        Column("terms", gettext_lazy("On these terms"), kind="extra"),
        Column("changed", gettext_lazy("Changed"), sort="changed_at", kind="extra"),
    )
    filters = (Filter("state", gettext_lazy("State"), Offer.State.choices),)
    search = ("station__name",)
    order = ("state", "station__name")


@require_GET
@require("lending.view")
def offer_list(request: OrgRequest) -> HttpResponse:
    rows = Offer.objects.by(request.org).prefetch_related("borrowers__org")
    context = {"table": OfferTable(rows, request.GET), "may_lend": may(request, "lending.manage")}
    return render_page(request, "lending/offer_list.html", "lending/_offers.html", context)


@require_http_methods(["GET", "POST"])
@require("lending.manage")
def offer_form(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    offer = offers.offer_of(printer)
    form = OfferForm(request.POST or None, instance=offer or Offer(station_id=pk))
    borrowers = borrowers_form(request.POST or None, offer)
    if form.is_bound and form.is_valid() and borrowers.is_valid():
        if form.cleaned_data["to_all"] or borrowers.found:
            offers.lend(printer, form.terms(), borrowers.found)
            messages.success(request, _("%(printer)s is lent on these terms.") % {"printer": printer})
            return redirect("lending:list")
        form.add_error("to_all", _("Lend it to all, or name at least one organisation below."))
    context = {"printer": printer, "offer": offer, "form": form, "borrowers": borrowers}
    return render(request, "lending/offer_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("lending.manage")
def offer_withdraw(request: OrgRequest, pk: UUID) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    try:
        offers.withdraw(printer)
    except offers.NotOffered as error:
        messages.error(request, str(error))
    else:
        words = _("%(printer)s is lent no more. A print that has started on it runs to its end.")
        messages.success(request, words % {"printer": printer})
    return redirect("lending:list")
