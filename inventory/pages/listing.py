"""The list of spools, with one of them beside it or not."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from bulk.offering import offer
from inventory.bulk import SPOOLS
from inventory.drying.reckoning import note
from inventory.models import Spool
from inventory.stock import count_low
from inventory.table import STAND_WORDS, SpoolTable, counts, listed
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.visible import visible_ids
from ui.fragments import render_page


@require_GET
@require("spool.view")
def spool_list(request: OrgRequest) -> HttpResponse:
    return show(request, {})


def table_of(request: OrgRequest) -> SpoolTable:
    """The list as the address filters it."""
    return SpoolTable(listed(with_archived="archived" in request.GET.getlist("state")), request.GET)


def show(request: OrgRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The list; with a `spool` in `context` that one is beside it."""
    table = table_of(request)
    note([*table.rows, *([context["spool"]] if "spool" in context else [])])
    found = counts()
    shown = {
        "table": table,
        "counts": [(name, word, found[name]) for name, word in STAND_WORDS],
        "due": found["due"],
        "kept": found["loaded"] + found["free"],
        "bulk_actions": offer(request, SPOOLS, table.rows),
        "low_filaments": count_low(),
        "may_edit": may(request, "spool.edit"),
        "sees": visible_ids(request.membership),
        **context,
    }
    return render_page(request, "inventory/spool_list.html", "inventory/_spools.html", shown, status)


def to_spool(request: OrgRequest, spool: Spool) -> HttpResponse:
    """Back to `spool`, with the list beside it as it was filtered."""
    query = QueryDict(request.POST.get("query", "")[:2000]).urlencode()
    return redirect(f"{reverse('spools:detail', args=[spool.pk])}{'?' if query else ''}{query}")
