"""Other organisations' prints on our printers: the list, correcting a charge, unclear starts."""

from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, Subquery, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs.dispatching import CannotStart
from jobs.lending import ledger, ordering
from jobs.lending.forms import CorrectForm
from jobs.lending.models import GuestPrint, LedgerLine
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from stations.models import Dispatch
from ui.fragments import render_page
from ui.tables import Column, Filter, Table


class GuestTable(Table[GuestPrint]):
    """The newest first."""

    id = "guests"
    columns = (
        Column("printer", gettext_lazy("Printer"), sort="printer_name"),
        Column("borrower", gettext_lazy("For"), sort="borrower_name"),
        Column("outcome", gettext_lazy("State"), sort="outcome"),
        Column("began", gettext_lazy("Began"), sort="began_at"),
        Column("took", gettext_lazy("Took"), sort="printed_s", kind="number"),
        Column("grams", gettext_lazy("Filament"), sort="grams", kind="number"),
        Column("size", gettext_lazy("File"), sort="size", kind="number extra"),
        Column("amount", gettext_lazy("Charged"), kind="number"),
    )
    filters = (Filter("outcome", gettext_lazy("State"), GuestPrint.Outcome.choices),)
    days_of = "began_at"
    search = ("printer_name", "borrower_name", "material")
    order = ("-began_at",)


@require_GET
@require("lending.view")
def guest_list(request: OrgRequest) -> HttpResponse:
    lines = LedgerLine.objects.filter(dispatch_id=OuterRef("dispatch_id")).order_by()
    charged = lines.values("dispatch_id").annotate(sum=Sum("amount")).values("sum")
    currency = lines.values("currency")[:1]
    rows = GuestPrint.objects.annotate(amount=Subquery(charged), currency=Subquery(currency))
    table = GuestTable(rows, request.GET)
    context = {"table": table, "may_correct": may(request, "lending.manage")}
    return render_page(request, "lending/guest_list.html", "lending/_guests.html", context)


@require_http_methods(["GET", "POST"])
@require("lending.manage")
def guest_correct(request: OrgRequest, pk: UUID) -> HttpResponse:
    guest = get_object_or_404(GuestPrint, pk=pk)
    form = CorrectForm(request.POST or None)
    if form.is_valid():
        try:
            said = form.cleaned_data
            ledger.correct(guest, said["amount"], said["note"], said["once"])
        except ledger.CannotCorrect as error:
            form.add_error("amount", str(error))
        else:
            messages.success(request, _("The correction is in both ledgers."))
            return redirect("lending:ledger")
    lines = LedgerLine.objects.filter(dispatch_id=guest.dispatch_id)
    context = {"guest": guest, "form": form, "lines": lines}
    return render(request, "lending/guest_correct.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("printer.control")
def guest_answer(request: OrgRequest, pk: UUID) -> HttpResponse:
    """A person stood before the printer: the borrowed print runs, or it does not."""
    guest = get_object_or_404(GuestPrint, pk=pk)
    printing = request.POST.get("printing") == "yes"
    try:
        ordering.answer_unclear(guest.dispatch_id, printing=printing)
    except Dispatch.DoesNotExist:
        raise Http404 from None
    except CannotStart as error:
        messages.error(request, str(error))
    else:
        said = _("Noted: it prints.") if printing else _("Noted: it does not print, and waits again.")
        messages.success(request, said)
    if guest.printer_id is None:
        return redirect("lending:guests")
    return redirect("printers:detail", pk=guest.printer_id)
