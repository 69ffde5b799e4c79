"""A model's page: what its current revision is, its history, and the jobs that are behind."""

from uuid import UUID

from django.db.models import F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from jobs import accuracy, failing, revising
from jobs.fitting import fits
from jobs.visible import visible_jobs
from models3d.facts import facts_of, is_printable, size_of, uses_of
from models3d.models import Model3D, Revision
from models3d.reading import progress_of
from models3d.rights import check_change, may_change, visible
from models3d.storing import duplicates_of
from models3d.table import listed
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.visible import visible_ids
from ui.fragments import wants_fragment

# A farm of hundreds has a page of its own for them.
MOST_FITS = 12


@require_GET
@require("model.view")
def model_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    model = shown_model(request, pk)
    behind = revising.behind(model).filter(pk__in=visible_jobs(request.membership).values("pk"))
    context = {
        **_current(request, model),
        "revisions": model.revisions.select_related("stored", "by"),
        "may_change": may_change(request, model),
        "rate": failing.rate_of(job__revision__model=model.pk),
        "behind": list(behind[:200]) if model.shelf != Model3D.Shelf.TRASH else [],
    }
    return render(request, "models3d/model_detail.html", context)


@require_GET
@require("model.view")
def model_current(request: OrgRequest, pk: UUID) -> HttpResponse:
    """What the model's page asks for while the file is being read: 204 until something is new."""
    model = shown_model(request, pk)
    context = _current(request, model)
    state = str(context["version"])
    if state == request.GET.get("version"):
        return HttpResponse(status=204)
    response = render(request, "models3d/_model_now.html", context)
    response["X-Live-Version"] = state
    return response


@require_GET
@require("model.view")
def model_fits(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Every printer with every check, for one plate of one revision."""
    model = shown_model(request, pk)
    revision = get_revision(model, request.GET.get("revision", ""))
    plates = list(revision.plates.all())
    asked = request.GET.get("plate", "")
    plate = next((one for one in plates if str(one.number) == asked), plates[0] if plates else None)
    found = fits(revision, plate, visible_ids(request.membership)) if is_printable(revision) else []
    context = {"model": model, "revision": revision, "plate": plate, "plates": plates, "fits": found}
    return render(request, "models3d/model_fits.html", context)


def shown_model(request: OrgRequest, pk: UUID) -> Model3D:
    """The model as `table.listed` has it; what is in the trash is shown only to who may restore it."""
    return get_object_or_404(listed(request.user).filter(visible(request.membership)), pk=pk)


def changeable(request: OrgRequest, pk: UUID, *, anywhere: bool = False) -> Model3D:
    """The model, if the person may change it; one in the trash only if it may be `anywhere`."""
    models = Model3D.objects.select_related("current", "collection")
    model = get_object_or_404(models if anywhere else models.filter(deleted_at=None), pk=pk)
    check_change(request, model)
    return model


def get_revision(model: Model3D, number: str) -> Revision:
    """The revision of that number, the current one for an empty text; Http404 for none."""
    if number and not (number.isdecimal() and len(number) < 9):
        raise Http404
    which = Q(number=int(number)) if number else Q(model__current=F("pk"))
    return get_object_or_404(model.revisions.select_related("model", "stored", "by"), which)


def edited(model: Model3D) -> dict[str, str]:
    """What the form to edit the model begins with."""
    return {
        "name": model.name,
        "collection": model.collection.name if model.collection else "",
        "tags": ", ".join(tag.name for tag in model.tags.all()),
        "notes": model.current.notes if model.current else "",
    }


def to_model(request: OrgRequest, model: Model3D) -> HttpResponse:
    url = reverse("models:detail", args=[model.pk])
    return HttpResponseClientRedirect(url) if wants_fragment(request) else redirect(url)


def _version(revision: Revision | None, progress: float | None) -> str:
    """What is shown of the current file changes with this; reading goes on by per cents."""
    if revision is None:
        return ""
    known = f"{revision.number}.{revision.status}"
    return known if progress is None else f"{known}.{round(progress * 100)}"


def _current(request: OrgRequest, model: Model3D) -> dict[str, object]:
    """What `_model_current.html` shows."""
    revision = model.current
    plates = list(revision.plates.all()) if revision else []
    first = plates[0] if plates else None
    reading = revision is not None and revision.status == Revision.Status.READING
    progress = progress_of([revision.pk]).get(revision.pk) if revision and reading else None
    printable = is_printable(revision)
    found = fits(revision, first, visible_ids(request.membership)) if revision and printable else []
    return {
        "model": model,
        "revision": revision,
        "version": _version(revision, progress),
        "progress": progress,
        "plates": plates,
        "plate": first,
        "facts": facts_of(revision, first) if revision else [],
        "uses": uses_of(first),
        "accuracy": accuracy.of_model(model.pk) if printable else None,
        "size": size_of(revision) if revision else "",
        "is_printable": printable,
        "fits": found[:MOST_FITS],
        "fits_total": len(found),
        "fitting": sum(fit.fits == "yes" for fit in found),
        "duplicates": list(duplicates_of(revision.stored_id, model.pk)[:5]) if revision else [],
        "may_submit": may(request, "job.submit"),
    }
