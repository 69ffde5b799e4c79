"""The ledger: what lent printers earned, and what borrowed ones cost."""

from django.db.models import Q, Sum
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jobs.lending.models import LedgerLine
from orgs.permissions import require
from orgs.requests import OrgRequest
from stations.models import Charge
from ui import sheets
from ui.fragments import render_page
from ui.tables import Column, Filter, Table

SIDES = {"earned": Q(amount__gt=0), "cost": Q(amount__lt=0)}
LABELS = {"earned": gettext_lazy("to be paid to us"), "cost": gettext_lazy("to be paid by us")}
HOUR_S = 3600


class LedgerTable(Table[LedgerLine]):
    """The newest first."""

    id = "ledger"
    columns = (
        Column("at", gettext_lazy("When"), sort="at"),
        Column("other", gettext_lazy("Other organisation"), sort="other_name"),
        Column("printer", gettext_lazy("Printer"), sort="printer_name"),
        Column("grams", gettext_lazy("Filament"), kind="number extra"),
        Column("seconds", gettext_lazy("Time"), kind="number extra"),
        Column("amount", gettext_lazy("Amount"), sort="amount", kind="number"),
    )
    filters = (
        Filter("side", gettext_lazy("Side"), list(LABELS.items()), lambda value: SIDES[value]),
        Filter("kind", gettext_lazy("Kind"), Charge.Kind.choices),
    )
    days_of = "at"
    search = ("other_name", "printer_name", "note")
    order = ("-at",)


@require_GET
@require("lending.view")
def ledger_list(request: OrgRequest) -> HttpResponse:
    """With the sums of all that matches, by currency and side."""
    table = LedgerTable(LedgerLine.objects.select_related("job"), request.GET)
    sums = table.matching.order_by().values("currency").annotate(
        earned=Sum("amount", filter=SIDES["earned"]), cost=-Sum("amount", filter=SIDES["cost"]),
        all=Sum("amount"),
    )  # fmt: skip
    context = {"table": table, "sums": sums.order_by("currency")}
    return render_page(request, "lending/ledger.html", "lending/_ledger.html", context)


@require_GET
@require("lending.view")
def ledger_csv(request: OrgRequest) -> HttpResponse:
    """What the list shows, all pages of it."""
    heads = [
        _("When"), _("Other organisation"), _("Printer"), _("Job"), _("Kind"), _("Grams"), _("Hours"),
        _("Amount"), _("Currency"), _("Note"),
    ]  # fmt: skip
    table = LedgerTable(LedgerLine.objects.select_related("job"), request.GET)
    return sheets.answer("ledger.csv", heads, [_cells(one) for one in table.matching])


def _cells(one: LedgerLine) -> tuple[object, ...]:
    at, hours = timezone.localtime(one.at).isoformat(timespec="seconds"), round(one.seconds / HOUR_S, 2)
    return (
        at, one.other_name, one.printer_name, one.job.number if one.job else "", one.kind, one.grams, hours,
        one.amount, one.currency, one.note,
    )  # fmt: skip
