"""Bulk actions on the list of models."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from bulk.asking import ask_or_start
from models3d.bulk import MODELS
from orgs.permissions import require
from orgs.requests import OrgRequest

from .listing import table_of


@require_POST
@require("model.upload")
def model_bulk(request: OrgRequest) -> HttpResponse:
    """The buttons of the bar; the address carries the list's shelf and filters."""
    return ask_or_start(request, MODELS, table_of(request))
