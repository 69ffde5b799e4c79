"""What the palette lists: pages, printers, jobs, models, spools, other organisations."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from inventory.codes import LONGEST, is_a_code, spool_meant
from inventory.models import Spool
from jobs.lending import showing
from jobs.visible import visible_jobs
from models3d.models import Model3D
from orgs.addresses import org_root
from orgs.context import orgs_of
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.visible import visible_printers
from ui.context import frame
from ui.places import Place

EACH = 6
OWN = (
    Place("", gettext_lazy("API tokens"), "key-round", "orgs:tokens", "token.manage"),
    Place("", gettext_lazy("Your account"), "user", "accounts:profile", "org.view"),
)


@dataclass(frozen=True)
class Match:
    """A line of the palette."""

    icon: str
    name: str
    kind: str
    url: str


@require_GET
@require("org.view")
def jump(request: OrgRequest) -> HttpResponse:
    """The lines for ?q=; without it the pages and the organisations. At most one query for each kind."""
    words = request.GET.get("q", "").replace("\0", "").strip()
    words = words[: LONGEST if is_a_code(words[:LONGEST]) else 80]
    found = [*_pages(request, words), *(_things(request, words) if words else ()), *_orgs(request, words)]
    return render(request, "orgs/_jump.html", {"matches": found, "words": words})


def _pages(request: OrgRequest, words: str) -> Iterator[Match]:
    links = [(link.place, link.url) for link in frame(request)["nav"]]
    for place, url in (*links, *((place, reverse(place.url_name)) for place in OWN)):
        if words.lower() in str(place.label).lower():
            yield Match(place.icon, str(place.label), _("page"), url)


def _things(request: OrgRequest, words: str) -> Iterator[Match]:
    number = int(words.lstrip("#")) if words.lstrip("#").isdecimal() and len(words) < 9 else None
    if may(request, "printer.view"):
        for printer in (
            visible_printers(request.membership)
            .filter(_named(words, "name", "model"))
            .only("name", "model")[:EACH]
        ):
            yield Match("printer", printer.name, printer.model, reverse("printers:detail", args=[printer.pk]))
        lent = _named(words, "station__name", "station__owner__name")
        for pk, name in showing.names_for(request.membership, lent, EACH):
            yield Match("printer", name, _("lent"), reverse("lending:printer", args=[pk]))
    if may(request, "job.view"):
        wanted = Q(number=number) if number is not None else _named(words, "name")
        jobs = visible_jobs(request.membership).filter(wanted).only("number", "name", "state")
        for job in jobs.order_by("-id")[:EACH]:
            yield Match(
                "list-ordered", str(job), job.get_state_display(), reverse("jobs:detail", args=[job.pk])
            )
    if may(request, "model.view"):
        models = Model3D.objects.filter(_named(words, "name"), deleted_at=None).only("name")
        for model in models.order_by("-created_at")[:EACH]:
            yield Match("box", model.name, _("model"), reverse("models:detail", args=[model.pk]))
    if may(request, "spool.view"):
        yield from _spools(words, number)


def _spools(words: str, number: int | None) -> Iterator[Match]:
    """The one of a code, or those that are named so."""
    if is_a_code(words) and (coded := spool_meant(words)):
        yield Match("disc-3", str(coded), _("spool"), reverse("code:spool", args=[coded.number]))
        return
    names = ("filament__material", "filament__brand", "filament__name", "filament__color_name")
    wanted = _named(words, *names) if number is None else Q(number=number)
    for spool in Spool.objects.filter(wanted, archived_at=None).select_related("filament")[:EACH]:
        yield Match("disc-3", str(spool), _("spool"), reverse("spools:detail", args=[spool.pk]))


def _named(words: str, *fields: str) -> Q:
    """Every word in one of `fields`."""
    wanted = Q()
    for word in words.split():
        one = Q()
        for field in fields:
            one |= Q(**{f"{field}__icontains": word})
        wanted &= one
    return wanted


def _orgs(request: OrgRequest, words: str) -> Iterator[Match]:
    others = [org for org in orgs_of(request, words) if org.pk != request.org.pk]
    for org in others[:EACH]:
        yield Match("building-2", org.name, _("organisation"), org_root(org))
