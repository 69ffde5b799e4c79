"""The organisation's list of reasons for failures."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jobs import reasons
from jobs.judging_forms import ReasonForm
from jobs.models import FailureReason
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_http_methods(["GET", "POST"])
@require("job.manage")
def reason_list(request: OrgRequest) -> HttpResponse:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = reasons.add(form.cleaned_data["name"], form.cleaned_data["fault"])
        except ValidationError as error:
            form.add_error("name", " ".join(error.messages))
        else:
            messages.success(request, _("%(reason)s: added.") % {"reason": made})
            return redirect("jobs:reasons")
    context = {
        "form": form,
        "reasons": reasons.all_reasons().annotate(count=Count("prints")),
        "faults": FailureReason.Fault.choices,
    }
    return render(request, "jobs/reason_list.html", context, status=422 if form.is_bound else 200)


@require_POST
@require("job.manage")
def reason_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    reason = get_object_or_404(FailureReason, pk=pk)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([str(one) for errors in form.errors.values() for one in errors])
        reasons.edit(reason, form.cleaned_data["name"], form.cleaned_data["fault"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(reason)s: saved.") % {"reason": reason})
    return redirect("jobs:reasons")


@require_POST
@require("job.manage")
def reason_retire(request: OrgRequest, pk: UUID) -> HttpResponse:
    reason = get_object_or_404(FailureReason, pk=pk)
    try:
        reasons.retire(reason)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(reason)s is no longer offered.") % {"reason": reason})
    return redirect("jobs:reasons")


@require_POST
@require("job.manage")
def reason_restore(request: OrgRequest, pk: UUID) -> HttpResponse:
    reason = get_object_or_404(FailureReason, pk=pk)
    reasons.bring_back(reason)
    messages.success(request, _("%(reason)s is offered again.") % {"reason": reason})
    return redirect("jobs:reasons")
