"""The stored bytes and pictures of revisions."""

from uuid import UUID

from django.db.models import Exists
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from models3d.models import Model3D, Revision
from models3d.rights import visible
from models3d.serving import serve_file, serve_thumbnail
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_GET
@require("model.view")
def revision_file(request: OrgRequest, pk: UUID, number: int) -> HttpResponseBase:
    return serve_file(request, revision_of(request, pk, number))


@require_GET
@require("model.view")
def revision_thumbnail(request: OrgRequest, pk: UUID, number: int) -> HttpResponseBase:
    return serve_thumbnail(request, revision_of(request, pk, number))


def revision_of(request: OrgRequest, model: UUID, number: int) -> Revision:
    """That revision of a model that the person may see."""
    models = Model3D.objects.filter(visible(request.membership), pk=model)
    revisions = Revision.objects.select_related("stored").filter(Exists(models))
    return get_object_or_404(revisions, model=model, number=number)
