"""Bulk runs in the REST API."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router

from orgs.permissions import check, require
from orgs.requests import OrgRequest
from orgs.rest.listing import answer

from .rest import describe_run
from .schemas import RunOut
from .seeing import visible_runs

router = Router(tags=["bulk"])


@router.get("/{uuid:run}", response={200: RunOut})
@require("org.view")
def bulk_run(request: OrgRequest, run: UUID) -> HttpResponse:
    """How a run goes. It asks for the scope that reading its things asks for."""
    found = get_object_or_404(visible_runs(request.membership), pk=run)
    check(request, found.kind.view)
    return answer(describe_run(found))
