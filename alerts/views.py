"""The pages of alerts: the list, the bell, reading and acknowledging."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from jobs.visible import visible_jobs
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.models import Printer
from ui.fragments import render_page

from .describing import TARGETS
from .models import Alert
from .reading import acknowledge, mark_read, unread_count, visible_alerts
from .table import AlertTable

DETAIL = {"printer": "printers:detail", "job": "jobs:detail"}


@dataclass(frozen=True, slots=True)
class Row:
    """An alert as its row shows it; `name` and `url` are of what it is about, empty if that is gone."""

    alert: Alert
    name: str
    url: str


@require_GET
@require("alert.view")
def alert_list(request: OrgRequest) -> HttpResponse:
    table = AlertTable(visible_alerts(request.membership).select_related("acknowledged_by"), request.GET)
    shown = table.rows
    context = {
        "table": table,
        "rows": rows_of(request, shown),
        "unread": [alert.pk for alert in shown if alert.is_unread],  # type: ignore[attr-defined]  # annotated
        "open": [alert.pk for alert in shown if alert.is_open],
        "may_edit": may(request, "alert.edit"),
    }
    return render_page(request, "alerts/alert_list.html", "alerts/_alerts.html", context)


@require_GET
@require("alert.view")
def bell(request: OrgRequest) -> HttpResponse:
    return render(request, "ui/_bell.html", {"unread_alerts": unread_count(request.user)})


@require_POST
@require("alert.view")
def alert_read(request: OrgRequest) -> HttpResponse:
    """What the page says it has shown; without `alert` all of them."""
    asked = request.POST.getlist("alert")
    mark_read(request.user, _ids(asked) if asked else None)
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "alerts-changed")
    return _back(request)


@require_POST
@require("alert.edit")
def alert_acknowledge(request: OrgRequest, pk: UUID) -> HttpResponse:
    visible = visible_alerts(request.membership)
    found = get_object_or_404(visible, pk=pk)
    if acknowledge(visible.filter(pk=pk), request.user):
        messages.success(request, _("Acknowledged: %(alert)s") % {"alert": found})
    return _back(request)


@require_POST
@require("alert.edit")
def alert_acknowledge_shown(request: OrgRequest) -> HttpResponse:
    shown = visible_alerts(request.membership).filter(pk__in=_ids(request.POST.getlist("alert")))
    count = acknowledge(shown, request.user)
    words = ngettext("%(count)d alert is acknowledged.", "%(count)d alerts are acknowledged.", count)
    messages.success(request, words % {"count": count})
    return _back(request)


def rows_of(request: OrgRequest, alerts: Sequence[Alert]) -> list[Row]:
    """In at most two queries, whatever the number of alerts."""
    about: dict[str, set[UUID]] = {}
    for alert in alerts:
        if alert.target_id and (kind := TARGETS.get(alert.target_type)):
            about.setdefault(kind, set()).add(alert.target_id)
    names: dict[UUID | None, tuple[str, str]] = {}
    for kind, ids in about.items():
        things: Any = Printer.objects if kind == "printer" else visible_jobs(request.membership)
        for thing in things.filter(pk__in=ids):
            names[thing.pk] = (str(thing), reverse(DETAIL[kind], args=[thing.pk]))
    return [Row(alert, *names.get(alert.target_id, ("", ""))) for alert in alerts]


def _ids(texts: Iterable[str]) -> list[UUID]:
    """Those of `texts` that are ids, a few hundred at most; what is none names no alert."""
    found = []
    for text in list(texts)[:500]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _back(request: OrgRequest) -> HttpResponse:
    """The list as it was filtered."""
    query = QueryDict(request.POST.get("query", "")[:2000]).urlencode()
    return redirect(f"{reverse('alerts:list')}{'?' if query else ''}{query}")
