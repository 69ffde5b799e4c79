"""The page that says how to send to this organisation from a slicer, and the addresses to send to."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from jobs.aiming import Aim, Targets
from orgs.permissions import may, require
from orgs.requests import OrgRequest

# What sending and printing needs, and to be told the printers' names after a wrong address.
SCOPES = ("write:models", "write:jobs", "read:printers")


@dataclass(frozen=True, slots=True)
class Row:
    """An address, what it aims at, and of which kind that is."""

    aim: Aim
    url: str

    @property
    def kind(self) -> str:
        return str(self.aim.kind.label)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@require_GET
@require("model.upload")
def send(request: OrgRequest) -> HttpResponse:
    targets = Targets(request.membership)
    rows = [_row(request, targets, aim) for aim in targets.all()]
    parts = urlsplit(rows[0].url)
    asked = urlencode({"name": "Slicer", "scope": SCOPES}, doseq=True)
    context = {
        "rows": rows,
        "first": rows[0],
        "parts": parts,
        "port": parts.port or (443 if parts.scheme == "https" else 80),
        "token_url": f"{reverse('orgs:tokens')}?{asked}",
        "scopes": SCOPES,
        "may_make_token": may(request, "token.manage"),
    }
    return render(request, "jobs/send.html", context)


@require_GET
@require("model.upload")
def opened(request: OrgRequest, target: str) -> HttpResponse:
    """The address itself, opened in a browser: slicers have a button for that."""
    return redirect("inbox:send")


def _row(request: OrgRequest, targets: Targets, aim: Aim) -> Row:
    path = reverse("inbox:opened", args=[targets.word_for(aim)])
    return Row(aim, request.build_absolute_uri(path))
