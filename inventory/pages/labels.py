"""Labels for one spool, for those chosen in the list, or for all that it shows."""

from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inventory.labels.faces import faces_of
from inventory.labels.forms import LabelsForm
from inventory.labels.sheets import MOST, drawn
from inventory.models import Spool
from inventory.table import listed
from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest

from .listing import table_of

KEPT = "labels"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@require_http_methods(["GET", "POST"])
@require("spool.view")
@limited("export")
def labels(request: OrgRequest) -> HttpResponse:
    """Which labels for how many spools; with a layout the answer is the PDF.

    A POST changes nothing: the ids of many chosen rows are too long for an address.
    """
    said = request.POST if request.method == "POST" else request.GET
    spools, rows = _chosen(request)
    form = LabelsForm(said if "layout" in said else None, initial=request.session.get(KEPT))
    count = spools.count()
    if form.is_bound and count > MOST:
        words = _("These are %(count)d spools. Choose at most %(most)d at a time.")
        form.add_error(None, words % {"count": count, "most": MOST})
    if form.is_bound and form.is_valid() and count:
        if request.method == "POST":
            request.session[KEPT] = {name: form.cleaned_data[name] for name in ("layout", "width", "height")}
        return _pdf(request, form, spools)
    example = request.build_absolute_uri(reverse("code:spool", args=[1]))
    context = {
        "form": form, "count": count, "rows": rows, "few": spools[:5], "address": example.removesuffix("1/"),
        "is_local": urlsplit(example).hostname in LOCAL,
    }  # fmt: skip
    return render(request, "inventory/labels.html", context, status=422 if form.is_bound and count else 200)


def _chosen(request: OrgRequest) -> "tuple[QuerySet[Spool], list[UUID]]":
    """The spools named by `row`, else those that the list shows as the address filters it; and the rows."""
    said = request.POST if request.POST.getlist("row") else request.GET
    rows = [pk for pk in map(_id, said.getlist("row")) if pk]
    if said.getlist("row") and not said.get("all_matching"):
        return listed(with_archived=True).filter(pk__in=rows).order_by("number"), rows
    return table_of(request).matching, []


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _pdf(request: OrgRequest, form: LabelsForm, spools: "QuerySet[Spool]") -> HttpResponse:
    def url_of(spool: Spool) -> str:
        return request.build_absolute_uri(reverse("code:spool", args=[spool.number]))

    pdf = drawn(
        faces_of(spools, url_of), form.format, start=form.first, framed=form.cleaned_data["framed"],
        by=request.org.name,
    )  # fmt: skip
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="labels.pdf"'
    return response
