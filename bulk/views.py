"""How a run goes, and taking it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from orgs.permissions import check, require
from orgs.requests import OrgRequest
from ui.fragments import add_toast, render_page, wants_fragment

from . import running
from .actions import Refused
from .asking import show_run, told
from .seeing import visible_runs


@require_GET
@require("org.view")
def run(request: OrgRequest, pk: UUID) -> HttpResponse:
    """The page of a run, which the progress in a dialog asks for too."""
    found = get_object_or_404(visible_runs(request.membership), pk=pk)
    check(request, found.kind.view)
    if wants_fragment(request) and request.htmx.target == "bulk":
        return show_run(request, found)
    context = told(request, found, found.counts()) | {"part": "bulk/_run.html"}
    return render_page(request, "bulk/page.html", "bulk/_run.html", context)


@require_POST
@require("org.view")
def undo(request: OrgRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(visible_runs(request.membership), pk=pk, by=request.user.pk)
    check(request, found.definition.required)
    try:
        return show_run(request, running.undo(found, request.membership))
    except Refused as reason:
        if wants_fragment(request):
            return add_toast(HttpResponse(status=204), str(reason), tone="warn")
        messages.error(request, str(reason))
        return redirect("bulk:run", found.pk)
