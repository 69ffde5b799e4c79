"""What is due for drying, the log of sessions, and the forms of one."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory.drying import sessions
from inventory.drying.forms import BatchForm, SessionForm, as_it_was, begun_with
from inventory.drying.materials import advice
from inventory.drying.reckoning import Rules, due_spools, note
from inventory.drying.table import DryingTable, listed
from inventory.models import Drying, Spool
from inventory.refusing import Refused
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui.fragments import render_page

# More than that nobody dries in one go; the list of spools has all of them by its filter.
MOST_DUE = 30


@require_GET
@require("spool.view")
def drying_list(request: OrgRequest) -> HttpResponse:
    due = due_spools()
    shown = list(due[:MOST_DUE])
    note(shown)
    context = {
        "table": DryingTable(listed(), request.GET),
        "due": shown,
        "due_count": due.count() if len(shown) == MOST_DUE else len(shown),
        "may_edit": may(request, "spool.edit"),
    }
    return render_page(request, "inventory/drying_list.html", "inventory/_dryings.html", context)


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def drying_add(request: OrgRequest) -> HttpResponse:
    """One session of one or several spools; `?spool=` names them."""
    if request.method == "POST":
        form = BatchForm(request.POST)
        if form.is_valid() and (made := _added(request, form)):
            return redirect("spools:detail", pk=made[0].spool_id) if len(made) == 1 else _to_log()
        spools = form.cleaned_data.get("spools", [])
    else:
        asked = _ids(request.GET.getlist("spool"))
        spools = list(Spool.objects.filter(pk__in=asked).select_related("filament").order_by("number"))
        rules = Rules()
        hints = advice(rules.of(spool.filament.material) for spool in spools)
        form = BatchForm(initial=begun_with(spools, hints))
    note(spools)
    context = {"form": form, "spools": spools, "devices": sessions.used_devices()}
    return render(request, "inventory/drying_form.html", context, status=422 if form.is_bound else 200)


def _added(request: OrgRequest, form: BatchForm) -> list[Drying]:
    """What was written down; empty with the reason on the form."""
    try:
        made = sessions.add(form.cleaned_data["spools"], form.said(), request.user)
    except ValidationError as error:
        form.take(error)
        return []
    except Refused as reason:
        form.add_error(None, str(reason))
        return []
    words = ngettext("The drying of %(n)d spool is kept.", "The drying of %(n)d spools is kept.", len(made))
    messages.success(request, words % {"n": len(made)})
    return made


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def drying_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    drying = found(pk)
    form = SessionForm(request.POST or None, initial=as_it_was(drying))
    if form.is_valid() and _saved(form, drying):
        messages.success(request, _("The session is saved."))
        return redirect("spools:detail", pk=drying.spool_id)
    note([drying.spool])
    context = {
        "form": form, "drying": drying, "spools": [drying.spool], "devices": sessions.used_devices(),
    }  # fmt: skip
    return render(request, "inventory/drying_form.html", context, status=422 if form.is_bound else 200)


def _saved(form: SessionForm, drying: Drying) -> bool:
    try:
        sessions.edit(drying, form.said())
    except ValidationError as error:
        form.take(error)
    except Refused as reason:
        form.add_error(None, str(reason))
    return not form.errors


@require_POST
@require("spool.edit")
def drying_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    drying = found(pk)
    sessions.delete(drying)
    messages.success(request, _("The session of %(spool)s is deleted.") % {"spool": drying.spool})
    return redirect("spools:detail", pk=drying.spool_id)


def found(pk: UUID) -> Drying:
    return get_object_or_404(Drying.objects.select_related("spool__filament"), pk=pk)


def latest_of(spool: Spool) -> dict[str, Any]:
    """What the inspector shows of a spool's sessions."""
    dryings = list(spool.dryings.select_related("by")[:6])
    return {"dryings": dryings[:5], "has_more_dryings": len(dryings) > 5}


def _to_log() -> HttpResponse:
    return redirect("spools:dryings")


def _ids(texts: Iterable[str]) -> list[UUID]:
    asked = []
    for text in list(texts)[: sessions.MOST_AT_ONCE]:
        try:
            asked.append(UUID(text))
        except ValueError:
            continue
    return asked
