"""The list of models on each shelf, and which of them were read meanwhile."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from bulk.offering import offer
from models3d.bulk import MODELS, with_jobs
from models3d.models import Model3D, Revision
from models3d.rights import visible
from models3d.table import SHELVES, ModelTable, listed
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui.fragments import render_page

MOST_FOLLOWED = 200
Shelf = Model3D.Shelf


@require_GET
@require("model.view")
def model_list(request: OrgRequest) -> HttpResponse:
    table = table_of(request)
    is_table = request.GET.get("view") == "table"
    context = {
        "table": table,
        "shelf": shelf_of(request),
        "shelves": _shelves(request),
        "is_table": is_table,
        "live_url": _live_url(table.rows, is_table),
        "may_upload": may(request, "model.upload"),
        "bulk_actions": offer(request, MODELS, table.rows),
        "may_edit": may(request, "model.edit"),
    }
    return render_page(request, "models3d/model_list.html", "models3d/_model_list.html", context)


@require_GET
@require("model.view")
def model_live(request: OrgRequest) -> HttpResponse:
    """The cards of models that were being read when the page was made, once they are read."""
    asked = [one for one in request.GET.getlist("id") if _is_uuid(one)][:MOST_FOLLOWED]
    done = with_jobs(listed(request.user)).filter(pk__in=asked, deleted_at=None)
    models = list(done.exclude(current__status=Revision.Status.READING).order_by("pk"))
    version = str(len(models))
    if version == (request.GET.get("version") or "0"):
        return HttpResponse(status=204)
    offer(request, MODELS, models)
    context = {"models": models, "is_table": request.GET.get("view") == "table"}
    response = render(request, "models3d/_model_live.html", context)
    response["X-Live-Version"] = version
    return response


def table_of(request: OrgRequest) -> ModelTable:
    """The list that the address asks for, of one shelf."""
    rows = with_jobs(listed(request.user)).filter(visible(request.membership), SHELVES[shelf_of(request)])
    return ModelTable(rows, request.GET)


def shelf_of(request: OrgRequest) -> Shelf:
    """The shelf that the address names, else the library."""
    asked = request.GET.get("shelf", "")
    return Shelf(asked) if asked in Shelf.values else Shelf.LIBRARY


def _shelves(request: OrgRequest) -> list[dict[str, Any]]:
    """Each shelf with how many lie on it; empty ones but the library are left out."""
    counts = Model3D.objects.filter(visible(request.membership)).aggregate(
        **{str(shelf): Count("pk", filter=lies_there) for shelf, lies_there in SHELVES.items()}
    )
    return [
        {"value": shelf.value, "label": shelf.label, "count": counts[shelf.value]}
        for shelf in Shelf
        if counts[shelf.value] or shelf == Shelf.LIBRARY
    ]


def _live_url(models: list[Model3D], is_table: bool) -> str:
    """Where the list asks for models that are being read; empty if none is."""
    reading = [
        model.pk for model in models if model.current and model.current.status == Revision.Status.READING
    ]
    query = urlencode({"view": "table" if is_table else "", "id": reading}, doseq=True)
    return f"{reverse('models:live')}?{query}" if reading else ""


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
