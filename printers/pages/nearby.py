"""Looking for printers in the server's network, for the form that adds one."""

import orjson
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers import catalogue, nearby
from printers.nearby import Nearby


@require_POST
@require("printer.edit")
@limited("printer-test")
def printers_nearby(request: OrgRequest) -> HttpResponse:
    """The printers heard within some seconds that are not here yet, each with what it fills into the form."""
    found, words = nearby.look()
    context = {"found": [(one, _fill(one)) for one in found], "words": words, "looked": True}
    return render(request, "printers/_nearby.html", context)


def _fill(one: Nearby) -> str:
    """The form's fields that choosing this printer fills, as JSON."""
    filled = {"name": one.name, "protocol": one.protocol, "address": one.address, "serial": one.serial,
              "model": one.model}  # fmt: skip
    if known := catalogue.find(one.model):
        sides = zip(("bed_x_mm", "bed_y_mm", "bed_z_mm"), known.bed_mm, strict=True)
        filled |= {**{name: f"{side:g}" for name, side in sides}, "nozzle_mm": f"{known.nozzle_mm:g}"}
    return orjson.dumps(filled).decode()
