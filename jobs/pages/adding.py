"""The form for a new job."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from jobs import presetting
from jobs.fitting import fits
from jobs.forms import GONE, JobForm
from jobs.prefilling import Beginning, again, preset, typed
from jobs.submitting import submit
from jobs.vetting import most_priority
from models3d.models import Model3D, Revision
from orgs.departments import choosable
from orgs.permissions import require
from orgs.requests import OrgRequest
from printers.visible import visible_ids

from .quotas import left_after

# The model's page has all of a large farm.
MOST_FITS = 30
MOST_PRESETS = 24


@require_http_methods(["GET", "POST"])
@require("job.submit")
def job_add(request: OrgRequest) -> HttpResponse:
    form, beginning = _begin(request)
    if form.is_bound and form.is_valid():
        try:
            job = submit(form.order(), request.user)
        except ValidationError as error:
            form.refuse(error)
        else:
            return redirect("jobs:detail", pk=job.pk)
    presets = list(presetting.visible(request.membership)[:MOST_PRESETS])
    context = {**_shown(request, form), "notices": beginning.notices, "presets": presets}
    return render(request, "jobs/job_form.html", context, status=422 if form.is_bound else 200)


@require_GET
@require("job.submit")
def job_file(request: OrgRequest) -> HttpResponse:
    """The parts of the form that follow the chosen model, revision and plate."""
    return render(request, "jobs/_chosen.html", _shown(request, _begin(request)[0]))


@require_GET
@require("job.submit")
def job_left(request: OrgRequest) -> HttpResponse:
    """What the quotas would have left after the job as the form has it now."""
    form = _begin(request)[0]
    return render(request, "jobs/_quota_left.html", {"standings": left_after(request, form)})


def _begin(request: OrgRequest) -> tuple[JobForm, Beginning]:
    """The form, and what it begins with: what was typed, over it an earlier job, over it a preset.

    A POST that names a `preset` applies it and submits nothing.
    """
    said: dict[str, Any] = (request.POST if request.method == "POST" else request.GET).dict()
    is_sent = request.method == "POST" and not said.get("preset")
    beginning = Beginning() if is_sent else typed(said)
    if not is_sent and said.get("again"):
        job, beginning = again(said["again"], request.membership)
        if job is not None:
            exact = {"model": job.revision.model_id, "revision": job.revision.number, "plate": job.plate}
            said |= {name: str(value) for name, value in exact.items()}
    if not is_sent and said.get("preset"):
        preset(beginning, said["preset"], request.membership)
    model = _model(said.get("model", ""))
    if model is None and said.get("model") and not (is_sent or said.get("again")):
        beginning.notices.append(str(GONE))
    revision = _revision(model, said.get("revision", ""))
    file = {"model": model, "revision": revision.number if revision else None, "plate": said.get("plate")}
    counted_for = {"department_id": str(request.membership.department_id or "")}
    form = JobForm(
        request.POST if is_sent else None,
        membership=request.membership,
        most_priority=most_priority(request.user),
        model=model,
        revision=revision,
        plate=said.get("plate", ""),
        departments=choosable(request.membership),
        initial={**counted_for, **beginning.initial, **file},
    )
    return form, beginning


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
    found = fits(revision, plate, visible_ids(request.membership)) if revision else []
    return {
        "form": form,
        "standings": left_after(request, form),
        "revision": revision,
        "plate": plate,
        "fits": found[:MOST_FITS],
        "fits_total": len(found),
    }
