"""One job: where it stands, its copies, its history."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jobs import editing, mapping, reprinting
from jobs.charging.showing import lines_of
from jobs.forms import EditForm
from jobs.lending import lent
from jobs.lending.choosing import LentChoice, choices_for
from jobs.models import Job
from jobs.states import OVER, UNAPPROVED, IllegalMove, JobState, PrintState
from jobs.vetting import most_priority
from jobs.visible import visible_jobs
from orgs.departments import choosable
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers import live
from printers.models import Printer
from reports.following import delta, nothing_new, seen_version
from stations.models import Dispatch, DispatchState

from .listing import rows_of


def found(request: OrgRequest, pk: UUID) -> Job:
    """The job if the person may see it; Http404 else."""
    rows = visible_jobs(request.membership).select_related(
        "by", "department", "revision", "revision__model", "revision__stored"
    )
    return get_object_or_404(rows, pk=pk)


@require_GET
@require("job.view")
def job_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    version = live.version_of(request.org.pk)
    context = context_of(request, found(request, pk))
    return render(request, "jobs/job_detail.html", {**context, "version": version})


@require_GET
@require("job.view")
def job_detail_live(request: OrgRequest, pk: UUID) -> HttpResponse:
    job, seen = found(request, pk), seen_version(request)
    version, changed = live.changes_since(request.org.pk, seen)
    context = context_of(request, job)
    one = context["row"].one
    is_lent = one is not None and one.lent_id is not None
    if not is_lent and (version == seen or not changed & {job.pk, one.printer_id if one else None}):
        return nothing_new(version)
    return delta([render_to_string("jobs/_now.html", context, request)], version)


@require_http_methods(["GET", "POST"])
@require("job.submit")
def job_edit(request: OrgRequest, pk: UUID) -> HttpResponse:
    job = found(request, pk)
    form = EditForm.of(
        job,
        request.POST if request.method == "POST" else None,
        most=most_priority(request.user),
        departments=choosable(request.membership),
    )
    if form.is_valid():
        try:
            fields = {name: form.cleaned_data[name] for name in form.changed_data}
            editing.edit(job, fields, by=request.user)
        except IllegalMove as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            # What is about a field stands by it; a quota is about no field.
            form.add_error(None, error.messages if "quota" in getattr(error, "message_dict", {}) else error)
        else:
            return redirect("jobs:detail", pk=pk)
    return render(
        request, "jobs/job_edit.html", {"form": form, "job": job}, status=422 if form.is_bound else 200
    )


def _to_start_on(request: OrgRequest) -> list[Printer | LentChoice]:
    return [*Printer.objects.all(), *choices_for(request.membership)]


def context_of(request: OrgRequest, job: Job) -> dict[str, Any]:
    prints = list(job.prints.select_related("reason", "reprint").order_by("copy"))
    sending = [one.pk for one in prints if one.state == PrintState.SENDING]
    unclear = Dispatch.objects.filter(print_id__in=sending, state=DispatchState.UNCLEAR).select_related(
        "station"
    )
    may_manage = may(request, "job.manage")
    waits = any(one.state == PrintState.WAITING for one in prints)
    return {
        "job": job,
        "row": rows_of([job])[0],
        "prints": prints[:100],
        "plate": job.revision.plates.filter(number=job.plate).first(),
        "events": list(job.events.all()),
        "unclear": unclear.first() if sending else None,
        "is_over": job.state in OVER,
        "may_manage": may_manage,
        "is_unapproved": job.state in UNAPPROVED,
        "may_decide": job.state == JobState.SUBMITTED and may(request, "job.approve"),
        "may_resubmit": job.state in UNAPPROVED and bool(job.decision_note) and job.by_id == request.user.pk,
        "printers": _to_start_on(request) if may_manage and waits and job.state not in UNAPPROVED else [],
        "lent_name": lent.name_of(job.target_lent_id) if job.target_lent_id else "",
        "served": mapping.next_for(job) if waits and job.state not in {*OVER, *UNAPPROVED} else None,
        "title": _("Job %(number)d") % {"number": job.number},
        "charges": lines_of(job),
        "may_charge": may(request, "charge.manage"),
        "verdicts": reprinting.standing(job, prints),
    }
