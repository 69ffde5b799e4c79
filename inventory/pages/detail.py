"""One spool beside the list: its facts, its ledger, and what can be done with it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from inventory.exchange.applying import IMPORTED
from inventory.forms import WeighForm
from inventory.keeping import BEFORE
from inventory.models import Spool
from inventory.weighing import WEIGHED
from jobs.models import Job, Print
from jobs.visible import visible_jobs
from orgs.permissions import require
from orgs.requests import OrgRequest

from .listing import show

LATEST = 50
NOTES = {WEIGHED: _("weighed"), BEFORE: _("used before it was added"), IMPORTED: _("imported")}


@require_GET
@require("spool.view")
def spool_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    return show(request, inspector(request, found(pk)))


def found(pk: UUID) -> Spool:
    return get_object_or_404(Spool.objects.select_related("filament", "slot__printer"), pk=pk)


def inspector(request: OrgRequest, spool: Spool, weigh_form: WeighForm | None = None) -> dict[str, Any]:
    """What `_inspector.html` shows."""
    usages = list(spool.usages.order_by("-at", "-pk")[: LATEST + 1])
    jobs = _jobs_of(request, [usage.print_id for usage in usages if usage.print_id])
    lines = [
        (usage, NOTES.get(usage.note, usage.note), jobs.get(usage.print_id) if usage.print_id else None)
        for usage in usages
    ]
    return {
        "spool": spool,
        "lines": lines[:LATEST],
        "has_more": len(usages) > LATEST,
        "weigh_form": weigh_form or WeighForm(),
    }


def _jobs_of(request: OrgRequest, prints: list[UUID]) -> dict[UUID, Job]:
    """The jobs of these prints that the person may see."""
    shown = Print.objects.filter(pk__in=prints, job__in=visible_jobs(request.membership))
    return {one.pk: one.job for one in shown.select_related("job")}
