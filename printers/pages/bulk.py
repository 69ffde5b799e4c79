"""Bulk actions on the list of printers: its ticks, its bar and what the bar's buttons do."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from bulk.asking import ask_or_start
from bulk.offering import Offer, applying, offered
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.bulk import PRINTERS
from printers.bulk.facts import Drawn
from printers.models import Printer
from reports.fleet import gather
from reports.shown import Shown

from .selecting import select

# The fragments of reports.drawing that have a tick wherever they are drawn.
TICKED = frozenset({"card", "row"})
# Those that have no table's head to tick all of the page in.
SELECTED_ABOVE = frozenset({"card", "tile"})


class Ticks:
    """Which actions this person is offered, and which of them apply to a printer as it is shown.

    On a wall nothing is ticked: it is looked at from afar.
    """

    def __init__(self, request: OrgRequest, kind: str) -> None:
        self.request = request
        self.actions = {} if kind == "wall" else offered(request, PRINTERS)

    def applying(self, one: Shown) -> str | None:
        """For its tick; None where there is nothing to tick it for."""
        return applying(self.request, PRINTERS, self.actions, Drawn(one)) if self.actions else None

    def offers(self, page: Iterable[Shown]) -> list[Offer]:
        """The buttons of the bar under `page`."""
        rows = [Drawn(one) for one in page]
        return [Offer(name, action, any(map(action.is_for, rows))) for name, action in self.actions.items()]


@dataclass(frozen=True)
class FleetList:
    """The list that the address asks for."""

    request: OrgRequest

    @property
    def matching(self) -> "QuerySet[Printer]":
        """States are not in the database: what matches is found as the list finds it."""
        chosen = select(gather(Printer.objects.all()), self.request.GET).page.paginator.object_list
        return Printer.objects.filter(pk__among=[one.pk for one in chosen])


@require_POST
@require("printer.control")
def printer_bulk(request: OrgRequest) -> HttpResponse:
    """The buttons of the bar; the address carries the list's filters."""
    return ask_or_start(request, PRINTERS, FleetList(request))
