"""The pages of alerts: the list, the bell, reading and acknowledging."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from bulk.asking import ask_or_start
from bulk.offering import offer
from inventory.models import Filament, Spool
from jobs.visible import visible_jobs
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from orgs.roles import Role
from printers.visible import visible_printers
from reports.models import Run
from ui.fragments import render_page

from .bulk import ALERTS, rows_for
from .models import Alert
from .preferring import CHOSEN, choice_rows, choose, chosen, usual
from .reading import acknowledge, mark_read, unread_count, visible_alerts
from .table import AlertTable
from .targets import TARGETS, Target


@dataclass(frozen=True, slots=True)
class Row:
    """An alert as its row shows it; `name` and `url` are of what it is about, empty if that is gone."""

    alert: Alert
    name: str
    url: str


@require_GET
@require("alert.view")
def alert_list(request: OrgRequest) -> HttpResponse:
    table = _table_of(request)
    shown = table.rows
    context = {
        "table": table,
        "rows": rows_of(request, shown),
        "unread": [alert.pk for alert in shown if alert.is_unread],  # type: ignore[attr-defined]  # annotated
        "may_edit": may(request, "alert.edit"),
        "bulk_actions": offer(request, ALERTS, shown),
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
    mark_read(request.user.pk, _ids(asked) if asked else None)
    if request.htmx:
        return trigger_client_event(HttpResponse(status=204), "alerts-changed")
    return _back(request)


@require_POST
@require("alert.edit")
def alert_acknowledge(request: OrgRequest, pk: UUID) -> HttpResponse:
    visible = visible_alerts(request.membership)
    found = get_object_or_404(visible, pk=pk)
    if acknowledge(visible.filter(pk=pk), request.user.pk):
        messages.success(request, _("Acknowledged: %(alert)s") % {"alert": found})
    return _back(request)


@require_POST
@require("alert.edit")
def alert_bulk(request: OrgRequest) -> HttpResponse:
    """The buttons of the bar; the address carries the list's filters."""
    return ask_or_start(request, ALERTS, _table_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@require("alert.view")
def preferences(request: OrgRequest) -> HttpResponse:
    """Which kinds are told by which channels; `wanted` names each "kind channel"."""
    role = Role(request.membership.role)
    if request.method == "POST":
        if "usual" in request.POST:
            asked = usual(role)
        else:
            asked = {tuple(pair.split(" ", 1)) for pair in request.POST.getlist("wanted")[:500]}
        choose(request.user.pk, role, asked)
        messages.success(request, _("Saved."))
        return redirect("alerts:preferences")
    now = chosen(request.user.pk, role)
    context = {
        "rows": choice_rows(role, now),
        "channels": CHOSEN,
        "is_usual": now == usual(role),
        "role": role.label,
    }
    return render(request, "alerts/preferences.html", context)


def _table_of(request: OrgRequest) -> AlertTable:
    return AlertTable(rows_for(request.membership), request.GET)


def rows_of(request: OrgRequest, alerts: Sequence[Alert]) -> list[Row]:
    """In at most a query a kind of thing, whatever the number of alerts."""
    about: dict[Target, set[UUID]] = {}
    for alert in alerts:
        if alert.target_id and (target := TARGETS.get(alert.target_type)):
            about.setdefault(target, set()).add(alert.target_id)
    names: dict[UUID | None, tuple[str, str]] = {}
    for target, ids in about.items():
        for thing in _things(request, target.name).filter(pk__in=ids):
            names[thing.pk] = (str(thing), reverse(target.page, args=[thing.pk]))
    return [Row(alert, *names.get(alert.target_id, ("", ""))) for alert in alerts]


def _things(request: OrgRequest, kind: str) -> "QuerySet[Any]":
    if kind == "job":
        return visible_jobs(request.membership)
    if kind == "printer":
        return visible_printers(request.membership)
    things: dict[str, type[Model]] = {"spool": Spool, "filament": Filament, "report_run": Run}
    return things[kind]._default_manager.all()


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
