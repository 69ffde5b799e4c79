"""Bulk actions on the list of spools."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from bulk.asking import ask_or_start
from inventory.bulk import SPOOLS
from orgs.permissions import require
from orgs.requests import OrgRequest

from .listing import table_of


@require_POST
@require("spool.edit")
def spool_bulk(request: OrgRequest) -> HttpResponse:
    """The buttons of the bar; the address carries the list's filters."""
    return ask_or_start(request, SPOOLS, table_of(request))
