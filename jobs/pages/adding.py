"""The form for a new job."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from jobs.facts import used_filaments
from jobs.fitting import fits
from jobs.forms import JobForm
from jobs.quotas.measuring import applicant_in
from jobs.quotas.rules import Taken
from jobs.quotas.standing import Standing, standings
from jobs.settling import grams_of
from jobs.submitting import submit
from models3d.models import Model3D, Revision
from orgs.departments import choosable
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
    return render(request, "jobs/job_form.html", _shown(request, form), status=422 if form.is_bound else 200)


@require_GET
@require("job.submit")
def job_file(request: OrgRequest) -> HttpResponse:
    """The parts of the form that follow the chosen model, revision and plate."""
    return render(request, "jobs/_chosen.html", _shown(request, _form(request)))


@require_GET
@require("job.submit")
def job_left(request: OrgRequest) -> HttpResponse:
    """What the quotas would have left after the job as the form has it now."""
    form = _form(request)
    return render(request, "jobs/_quota_left.html", {"standings": _standings(request, form)})


def _standings(request: OrgRequest, form: JobForm) -> list[Standing]:
    said = request.POST if request.method == "POST" else request.GET
    asked = said.get("department_id")
    chosen = next((pk for pk in form.departments if str(pk) == asked), None)
    if asked is None or not form.departments:
        chosen = request.membership.department_id
    copies = said.get("copies", "")
    number = int(copies) if copies.isdecimal() and len(copies) < 4 else 1
    plate = form.chosen_plate
    wanted = Taken(
        1,
        grams_of(used_filaments(plate)) * number if plate else Decimal(0),
        (plate.print_s or 0) * number if plate else 0,
    )
    return standings(applicant_in(request.membership, request.user, chosen), wanted)


def _form(request: OrgRequest) -> JobForm:
    said = request.POST if request.method == "POST" else request.GET
    model = _model(said.get("model", ""))
    revision = _revision(model, said.get("revision", ""))
    initial = {"model": model, "revision": revision.number if revision else None, "plate": said.get("plate")}
    data = request.POST if request.method == "POST" else None
    initial["department_id"] = str(request.membership.department_id or "")
    return JobForm(
        data,
        model=model,
        revision=revision,
        plate=said.get("plate", ""),
        departments=choosable(request.membership),
        initial=initial,
    )


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


def _shown(request: OrgRequest, form: JobForm) -> dict[str, Any]:
    revision, plate = form.chosen, form.chosen_plate
    found = fits(revision, plate) if revision else []
    return {
        "form": form,
        "standings": _standings(request, form),
        "revision": revision,
        "plate": plate,
        "fits": found[:MOST_FITS],
        "fits_total": len(found),
    }
