"""Spools out as CSV, and in from a file or a Spoolman server: sent, looked through, taken in."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from inventory.exchange import drafts, spoolman_server, writing
from inventory.exchange.applying import Outdated, plan_for, take_in
from inventory.exchange.columns import COLUMNS
from inventory.exchange.forms import FileForm, ServerForm, WishesForm, forms_of
from inventory.exchange.planning import Plan
from inventory.exchange.reading import MOST_BYTES, MOST_LINES, Sheet, Unreadable
from inventory.models import SpoolImport
from jobs.models import Print
from jobs.visible import visible_jobs
from orgs.current import release_connection
from orgs.limits import always, limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.visible import visible_ids
from ui import sheets

from .detail import found
from .listing import table_of

SHOWN = 100


@require_GET
@require("spool.view")
@limited("export", when=always)
def spools_csv(request: OrgRequest) -> HttpResponse:
    """What the list shows, all pages of it."""
    rows = writing.rows_of(table_of(request).matching, visible_ids(request.membership))
    return sheets.answer("spools.csv", writing.heads(), rows)


@require_GET
@require("spool.view")
@limited("export", when=always)
def ledger_csv(request: OrgRequest, pk: UUID) -> HttpResponse:
    """All that was taken off a spool; the jobs are named as far as the person may see them."""
    spool = found(pk)
    usages = spool.usages.order_by("-at", "-pk")
    prints = Print.objects.filter(
        pk__in=usages.order_by().values("print_id"), job__in=visible_jobs(request.membership)
    )
    jobs = writing.names_of(prints.values_list("pk", "job__number", "job__name"))
    return sheets.answer(f"spool-{spool.number}.csv", writing.LEDGER, writing.ledger_of(usages, jobs))


@require_http_methods(["GET", "POST"])
@require("spool.edit")
@limited("import")
def import_start(request: OrgRequest) -> HttpResponse:
    """A file, or a Spoolman server to ask."""
    what = request.POST.get("what", "file") if request.method == "POST" else ""
    latest = SpoolImport.objects.filter(source="spoolman", name__startswith="http").first()
    file_form, server_form = forms_of(request.POST, request.FILES, what, latest.name if latest else "")
    form = server_form if what == "server" else file_form
    if form.is_bound and form.is_valid() and (draft := _kept(request, form)):
        return redirect("spools:import_look", pk=draft.pk)
    context = {
        "file_form": file_form, "server_form": server_form, "columns": COLUMNS,
        "most_lines": MOST_LINES, "most_mb": MOST_BYTES // 1024**2,
        "imports": SpoolImport.objects.exclude(done_at=None)[:5],
    }  # fmt: skip
    return render(request, "inventory/import_start.html", context, status=422 if form.is_bound else 200)


def _kept(request: OrgRequest, form: FileForm | ServerForm) -> SpoolImport | None:
    """What was sent or fetched, kept for looking through; None with the reason on the form."""
    said = form.cleaned_data
    field = "url" if isinstance(form, ServerForm) else "file"
    wishes = {name: said[name] for name in WishesForm.base_fields}
    try:
        if isinstance(form, ServerForm):
            release_connection()
            data = orjson.dumps(spoolman_server.fetch(said["url"], with_archived=said["with_archived"]))
            return drafts.keep(data, SpoolImport.Source.SPOOLMAN, said["url"], request.user, **wishes)
        data = said["file"].read()
        return drafts.keep(data, drafts.source_of(data), said["file"].name, request.user, **wishes)
    except Unreadable as error:
        form.add_error(field, str(error))
        return None


@require_http_methods(["GET", "POST"])
@require("spool.edit")
def import_look(request: OrgRequest, pk: UUID) -> HttpResponse:
    """What the import would do; a POST does it, if it is still that. Afterwards, what it did."""
    draft = get_object_or_404(SpoolImport, pk=pk)
    if draft.done_at is not None:
        return render(request, "inventory/import_done.html", {"draft": draft, "outcome": draft.outcome})
    try:
        if request.method == "POST":
            take_in(draft, request.POST.get("digest", ""))
            return redirect("spools:import_look", pk=pk)
        return _looked(request, draft)
    except Outdated:
        messages.warning(request, _("Spools changed since this page was shown. Look through it once more."))
        return redirect("spools:import_look", pk=pk)
    except Unreadable as error:
        messages.error(request, str(error))
        return redirect("spools:import")


@require_POST
@require("spool.edit")
def import_wishes(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Look at the same file with other wishes."""
    draft = get_object_or_404(SpoolImport, pk=pk)
    form = WishesForm(request.POST)
    if form.is_valid():
        SpoolImport.objects.filter(pk=draft.pk, done_at=None).update(**form.cleaned_data)
    return redirect("spools:import_look", pk=pk)


def _looked(request: OrgRequest, draft: SpoolImport) -> HttpResponse:
    sheet = drafts.sheet_of(draft)
    plan = plan_for(draft)
    context: dict[str, Any] = {
        "draft": draft,
        "plan": plan,
        "shown": SHOWN,
        "wishes": WishesForm(initial={name: getattr(draft, name) for name in WishesForm.base_fields}),
        **_cut(plan),
        **_told(sheet),
    }
    return render(request, "inventory/import_look.html", context)


def _cut(plan: Plan) -> dict[str, Any]:
    """As much as a page bears."""
    return {
        "added": plan.added[:SHOWN],
        "changed": plan.changed[:SHOWN],
        "flaws": plan.flaws[:SHOWN],
        "new_filaments": plan.new_filaments[:SHOWN],
        "changed_filaments": plan.changed_filaments[:SHOWN],
    }


def _told(sheet: Sheet) -> dict[str, Any]:
    return {"unknown": ", ".join(sheet.unknown), "sheet_notes": sheet.notes, "lines": len(sheet.lines)}
