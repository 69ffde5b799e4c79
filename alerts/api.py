"""Alerts in the REST API."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.listing import answer, listing, ordered, searched

from .describing import alert_rows, describe_alerts
from .models import OPEN
from .reading import acknowledge, visible_alerts
from .schemas import AlertListOut, AlertOut, AlertQuery

router = Router(tags=["alerts"])
ORDER = {name: name for name in ("at", "last_at", "severity", "kind", "count")}


@router.get("", response={200: AlertListOut})
@require("alert.view")
def list_alerts(request: OrgRequest, query: Query[AlertQuery]) -> HttpResponse:
    rows = searched(visible_alerts(request.membership), query.search, ["title", "detail"])
    said = {"kind": query.kind, "severity": query.severity}
    rows = rows.filter(**{name: value for name, value in said.items() if value})
    if query.open is not None:
        rows = rows.filter(Q(**OPEN) if query.open else ~Q(**OPEN))
    rows = ordered(rows, query.ordering, ORDER, ["-last_at"])
    return listing(request, query, alert_rows(rows), describe_alerts)


@router.get("/{uuid:pk}", response={200: AlertOut})
@require("alert.view")
def alert(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _told(request, pk)


@router.post("/{uuid:pk}/acknowledge", response={200: AlertOut})
@require("alert.edit")
def acknowledge_alert(request: OrgRequest, pk: UUID) -> HttpResponse:
    """A repeat changes nothing, nor does an alert that is resolved."""
    visible = visible_alerts(request.membership)
    get_object_or_404(visible, pk=pk)
    acknowledge(visible.filter(pk=pk), request.user.pk)
    return _told(request, pk)


def _told(request: OrgRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(visible_alerts(request.membership), pk=pk)
    return answer(describe_alerts(alert_rows(visible_alerts(request.membership).filter(pk=found.pk)))[0])
