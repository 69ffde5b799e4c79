"""The preview of a sliced file's layers, as its page asks for it."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from models3d.formats.metadata import LINE_PER_NOZZLE, USUAL_NOZZLE_MM
from models3d.models import Plate
from models3d.serving import serve_drawing, serve_layers
from orgs.permissions import require
from orgs.requests import OrgRequest

from .files import revision_of


@require_GET
@require("model.view")
def plate_layers(request: OrgRequest, pk: UUID, number: int, plate: int) -> HttpResponseBase:
    """The heights of the plate's layers, which chunks they lie in, and what colours and bed they have."""
    revision = revision_of(request, pk, number)
    found = get_object_or_404(Plate, revision=revision, number=plate)
    uses = [
        {"index": use["index"], "color": use["color"], "material": use["material"]} for use in found.filaments
    ]
    nozzle_mm = max(revision.metadata.get("nozzle_mm") or [USUAL_NOZZLE_MM])
    known = {
        "bed_mm": revision.metadata.get("bed_mm"),
        "line_mm": round(nozzle_mm * LINE_PER_NOZZLE, 3),
        "filaments": uses,
    }
    return serve_drawing(request, revision, plate, known)


@require_GET
@require("model.view")
def plate_layer(request: OrgRequest, pk: UUID, number: int, plate: int, layer: int) -> HttpResponseBase:
    """The chunk of strokes with this layer, counted from 1."""
    return serve_layers(request, revision_of(request, pk, number), plate, layer)
