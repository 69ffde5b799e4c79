"""The form for a new job."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from jobs.fitting import fits
from jobs.forms import GONE, JobForm
from jobs.submitting import submit
from models3d.models import Model3D, Revision
from orgs.permissions import require
from orgs.requests import OrgRequest

# The model's page has all of a large farm.
MOST_FITS = 30


@require_http_methods(["GET", "POST"])
@require("job.submit")
def job_add(request: OrgRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            job = submit(form.order(), request.user)
        except ValidationError as error:
            form.refuse(error)
        else:
            return redirect("jobs:detail", pk=job.pk)
    elif request.GET.get("model") and form.initial["model"] is None:
        messages.error(request, GONE)
    return render(request, "jobs/job_form.html", _shown(form), status=422 if form.is_bound else 200)


@require_GET
@require("job.submit")
def job_file(request: OrgRequest) -> HttpResponse:
    """The parts of the form that follow the chosen model, revision and plate."""
    return render(request, "jobs/_chosen.html", _shown(_form(request)))


def _form(request: OrgRequest) -> JobForm:
    said = request.POST if request.method == "POST" else request.GET
    model = _model(said.get("model", ""))
    revision = _revision(model, said.get("revision", ""))
    initial = {"model": model, "revision": revision.number if revision else None, "plate": said.get("plate")}
    data = request.POST if request.method == "POST" else None
    return JobForm(data, model=model, revision=revision, plate=said.get("plate", ""), initial=initial)


def _model(pk: str) -> Model3D | None:
    try:
        return Model3D.objects.filter(deleted_at=None).get(pk=pk)
    except (Model3D.DoesNotExist, ValidationError):
        return None


def _revision(model: Model3D | None, number: str) -> Revision | None:
    """The revision of `model` that is asked for, else its current one."""
    if model is None:
        return None
    revisions = (
        Revision.objects.filter(model=model).select_related("model", "stored").prefetch_related("plates")
    )
    found = revisions.filter(number=number).first() if number.isdecimal() and len(number) < 9 else None
    return found or revisions.filter(model__current=F("pk")).first()


def _shown(form: JobForm) -> dict[str, Any]:
    revision, plate = form.chosen, form.chosen_plate
    found = fits(revision, plate) if revision else []
    return {
        "form": form,
        "revision": revision,
        "plate": plate,
        "fits": found[:MOST_FITS],
        "fits_total": len(found),
    }
