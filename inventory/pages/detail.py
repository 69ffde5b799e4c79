"""One spool beside the list: its facts, its ledger, and what can be done with it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from inventory.forms import MoveForm, WeighForm
from inventory.ledger import Ledger
from inventory.models import Spool
from inventory.table import locations
from inventory.tagging import used_tags
from jobs.models import Job, Print
from jobs.visible import visible_jobs
from orgs.permissions import may, require
from orgs.requests import OrgRequest

from .drying import latest_of
from .listing import show


@require_GET
@require("spool.view")
def spool_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    return show(request, inspector(request, found(pk)))


def found(pk: UUID) -> Spool:
    return get_object_or_404(Spool.objects.select_related("filament", "slot__printer"), pk=pk)


def inspector(request: OrgRequest, spool: Spool, weigh_form: WeighForm | None = None) -> dict[str, Any]:
    """What `_inspector.html` shows."""
    ledger = Ledger(spool, request.GET)
    jobs = _jobs_of(request, [line.usage.print_id for line in ledger.lines if line.usage.print_id])
    return {
        "spool": spool,
        "ledger": ledger,
        "lines": [
            (line, jobs.get(line.usage.print_id) if line.usage.print_id else None) for line in ledger.lines
        ],
        "weigh_form": weigh_form or WeighForm(spool),
        "move_form": MoveForm(initial={"location": spool.location}),
        "locations": locations() if may(request, "spool.edit") else [],
        "known_tags": used_tags(),
        **latest_of(spool),
    }


def _jobs_of(request: OrgRequest, prints: list[UUID]) -> dict[UUID, Job]:
    """The jobs of these prints that the person may see."""
    shown = Print.objects.filter(pk__in=prints, job__in=visible_jobs(request.membership))
    return {one.pk: one.job for one in shown.select_related("job")}
