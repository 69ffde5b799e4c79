"""The stored bytes and pictures of revisions."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from models3d.models import Revision
from models3d.serving import serve_file, serve_thumbnail
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_GET
@require("model.view")
def revision_file(request: OrgRequest, pk: UUID, number: int) -> HttpResponseBase:
    return serve_file(request, _revision(pk, number))


@require_GET
@require("model.view")
def revision_thumbnail(request: OrgRequest, pk: UUID, number: int) -> HttpResponseBase:
    return serve_thumbnail(request, _revision(pk, number))


def _revision(model: UUID, number: int) -> Revision:
    return get_object_or_404(Revision.objects.select_related("stored"), model=model, number=number)
