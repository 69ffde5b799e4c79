"""Deciding on submitted jobs, and submitting them again."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jobs import approving
from jobs.forms import ResubmitForm
from jobs.states import IllegalMove
from jobs.vetting import most_priority
from models3d.models import Revision
from orgs.permissions import require
from orgs.requests import OrgRequest

from .acting import done
from .detail import found


@require_POST
@require("job.approve")
def job_approve(request: OrgRequest, pk: UUID) -> HttpResponse:
    job, seen = found(request, pk), _seen(request)
    said = _("%(job)s: approved.") % {"job": job}
    return done(request, job, lambda: approving.approve(job, seen), said)


@require_POST
@require("job.approve")
def job_reject(request: OrgRequest, pk: UUID) -> HttpResponse:
    job, seen, words = found(request, pk), _seen(request), request.POST.get("words", "")
    said = _("%(job)s: rejected.") % {"job": job}
    return done(request, job, lambda: approving.reject(job, words, seen), said)


@require_POST
@require("job.approve")
def job_ask_change(request: OrgRequest, pk: UUID) -> HttpResponse:
    job, seen, words = found(request, pk), _seen(request), request.POST.get("words", "")
    said = _("%(job)s: sent back with your words.") % {"job": job}
    return done(request, job, lambda: approving.ask_change(job, words, seen), said)


@require_http_methods(["GET", "POST"])
@require("job.submit")
def job_resubmit(request: OrgRequest, pk: UUID) -> HttpResponse:
    job = found(request, pk)
    data = request.POST if request.method == "POST" else None
    form = ResubmitForm.of(job, data, most=most_priority(request.user))
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in form.changed_data if name != "revision"}
        revision = Revision.objects.select_related("model", "stored").get(
            model=job.revision.model_id, number=form.cleaned_data["revision"]
        )
        try:
            approving.resubmit(job, request.user, fields, revision)
        except IllegalMove as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, " ".join(error.messages))
        else:
            return redirect("jobs:detail", pk=pk)
    context = {"form": form, "job": job}
    return render(request, "jobs/job_resubmit.html", context, status=422 if form.is_bound else 200)


def _seen(request: OrgRequest) -> int | None:
    """The submission that the person's page shows."""
    said = request.POST.get("submission", "")
    return int(said) if said.isdecimal() and len(said) < 9 else None
