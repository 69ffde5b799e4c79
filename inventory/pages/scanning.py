"""From a code to its spool, by camera, by keyboard scanner or typed."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from inventory.codes import LONGEST, spool_meant
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_GET
@require("spool.view")
def scan(request: OrgRequest) -> HttpResponse:
    """The field and the camera; with ?code= to the spool of that code."""
    said = request.GET.get("code", "").strip()[:LONGEST]
    spool = spool_meant(said) if said else None
    if spool is not None:
        return redirect("code:spool", code=spool.number)
    return render(request, "inventory/scan.html", {"said": said}, status=422 if said else 200)
