"""The dashboard and its live deltas."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers import live
from printers.states import PrinterState
from printers.visible import visible_printers

from .dashboard import Panels, panels
from .drawing import draw
from .fleet import gather
from .following import delta, nothing_new, picture_of, seen_version, shared
from .sentences import fleet_sentence
from .shown import Shown, by_need, counts_of

SHARED_S = 1.5
MOST_NEEDS, MOST_TILES = 8, 60
SHOWN_FIELDS = (
    "name", "model", "protocol", "location", "enabled", "out_of_service_reason", "held_at", "failed_in_row",
)  # fmt: skip


@require_GET
@require("report.view")
def dashboard(request: OrgRequest) -> HttpResponse:
    version = live.version_of(request.org.pk)
    fleet = _detailed(gather(visible_printers(request.membership).only(*SHOWN_FIELDS), details=False))
    beside = panels(request.membership, sees_all=may(request, "job.manage"))
    context = _context(request, fleet, beside) | {"version": version}
    return render(request, "reports/dashboard.html", context)


@require_GET
@require("report.view")
def dashboard_live(request: OrgRequest) -> HttpResponse:
    """204, or what of the dashboard may have changed since the page's version."""
    seen = seen_version(request)
    picture = picture_of(request.membership, seen)
    if picture is None:
        return nothing_new(seen)
    sees_all = may(request, "job.manage")
    key = (request.org.pk, "panels", None if sees_all else request.user.pk)
    beside = shared(key, SHARED_S, lambda: panels(request.membership, sees_all=sees_all))
    _, changed = live.changes_since(request.org.pk, seen)
    tiles = [draw(request, one, "tile") for one in picture.fleet if one.pk in changed]
    # Equal for all of a role who look at the same moment.
    about = (*key, "parts", picture.version, request.membership.role, get_script_prefix(), get_language())
    context = partial(_context, request, picture.fleet, beside)
    parts = shared(about, SHARED_S, lambda: render_to_string("reports/_parts.html", context(), request))
    return delta([parts, *tiles], picture.version)


def _detailed(fleet: Sequence[Shown]) -> list[Shown]:
    """What is drawn of the fleet in full, the rest as it is."""
    order = by_need(fleet)
    return [*gather(one.row for one in order[:MOST_TILES]), *order[MOST_TILES:]]


def _context(request: OrgRequest, fleet: Sequence[Shown], beside: Panels) -> dict[str, Any]:
    order = by_need(fleet)
    needs = [one for one in order if one.state == PrinterState.NEEDS_YOU]
    return {
        "total": len(fleet),
        "sentence": fleet_sentence(fleet) if fleet else "",
        "counts": counts_of(fleet),
        "needs": [draw(request, one, "need") for one in needs[:MOST_NEEDS]],
        "needs_more": max(0, len(needs) - MOST_NEEDS),
        "tiles": [draw(request, one, "tile") for one in order[:MOST_TILES]],
        "tiles_more": max(0, len(fleet) - MOST_TILES),
        "beside": beside,
        "sees_cost": may(request, "job.manage"),
        "may_edit": may(request, "printer.edit"),
    }
