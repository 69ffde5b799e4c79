"""Scheduled reports: the list, one with its next dates and runs, and what can be done to it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orgs.limits import limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from reports import planning, setting
from reports.builders import BUILDERS
from reports.forms import ScheduleForm
from reports.models import Run, Schedule
from reports.readers import told

SHOWN_RUNS = 20


@require_GET
@require("report.analyse")
def schedule_list(request: OrgRequest) -> HttpResponse:
    found = [(one, _title(one.kind)) for one in _listed()]
    return render(request, "reports/schedule_list.html", {"schedules": found})


@require_GET
@require("report.analyse")
def schedule_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    schedule = get_object_or_404(Schedule, pk=pk)
    context = {
        "schedule": schedule,
        "title": _title(schedule.kind),
        "dates": schedule.rhythm.preview(timezone.now()),
        "recipients": setting.statuses(schedule),
        "runs": schedule.runs.all()[:SHOWN_RUNS],
    }
    return render(request, "reports/schedule_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require("report.schedule")
def schedule_form(request: OrgRequest, pk: UUID | None = None) -> HttpResponse:
    schedule = get_object_or_404(Schedule, pk=pk) if pk else None
    form = ScheduleForm(request.POST or None, request.org, instance=schedule)
    if form.is_valid():
        fields, emails = form.fields_of(), form.cleaned_data["recipients"]
        saved = (
            setting.edit(schedule, fields, emails) if schedule else setting.add(fields, emails, request.user)
        )
        messages.success(request, _("%(name)s is saved.") % {"name": saved})
        return redirect("reports:schedule", saved.pk)
    dates = (schedule or Schedule()).rhythm.preview(timezone.now())
    context = {"form": form, "schedule": schedule, "dates": dates}
    return render(request, "reports/schedule_form.html", context, status=422 if form.is_bound else 200)


@require_GET
@require("report.analyse")
def preview(request: OrgRequest) -> HttpResponse:
    """The next five dates of the form as it stands."""
    form = ScheduleForm(request.GET, request.org)
    form.is_valid()
    return render(request, "reports/_dates.html", {"dates": form.rhythm().preview(timezone.now())})


@require_POST
@require("report.schedule")
def schedule_delete(request: OrgRequest, pk: UUID) -> HttpResponse:
    schedule = get_object_or_404(Schedule, pk=pk)
    setting.delete(schedule)
    messages.success(request, _("%(name)s is deleted. Its runs stay in the history.") % {"name": schedule})
    return redirect("reports:schedules")


@require_POST
@require("report.schedule")
@limited("report-run")
def run(request: OrgRequest, pk: UUID) -> HttpResponse:
    made = planning.run_now(get_object_or_404(Schedule, pk=pk), request.user)
    messages.success(request, _("It is being made, and sent as soon as it is."))
    return redirect("reports:run", made.pk)


@require_POST
@require("report.schedule")
@limited("report-run")
def try_out(request: OrgRequest, pk: UUID) -> HttpResponse:
    made = planning.try_out(get_object_or_404(Schedule, pk=pk), request.user)
    messages.success(
        request, _("It is being made, and sent to %(email)s alone.") % {"email": request.user.email}
    )
    return redirect("reports:run", made.pk)


@require_POST
@require("report.schedule")
def pause(request: OrgRequest, pk: UUID) -> HttpResponse:
    setting.pause(get_object_or_404(Schedule, pk=pk))
    return redirect("reports:schedule", pk)


@require_POST
@require("report.schedule")
def resume(request: OrgRequest, pk: UUID) -> HttpResponse:
    setting.resume(get_object_or_404(Schedule, pk=pk))
    return redirect("reports:schedule", pk)


def _listed() -> "QuerySet[Schedule]":
    last = Run.objects.filter(schedule=OuterRef("pk")).order_by("-id")
    return Schedule.objects.annotate(
        people=Count("recipients", filter=told("recipients__")), last_state=Subquery(last.values("state")[:1])
    )


def _title(kind: str) -> str:
    return str(BUILDERS[kind].title) if kind in BUILDERS else kind
