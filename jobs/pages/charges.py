"""Chargebacks of a month: who pays how much, each statement as page, CSV and PDF, and closing it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs.charging import closing, correcting, statements
from jobs.charging.books import today
from jobs.charging.days import last_day, month_named, month_of, word_of
from jobs.charging.forms import CorrectionForm, MoveForm, ReasonForm
from jobs.charging.listing import sheet_of
from jobs.charging.models import ChargeLine
from jobs.charging.statements import Party, Who
from jobs.models import Job
from jobs.states import IllegalMove
from orgs.branding import brand_of
from orgs.limits import is_download, limited
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from reports.builders.chargebacks import Chargebacks
from reports.pages.reports import sheet
from reports.periods import Period
from reports.renderers.html import shown
from reports.renderers.pdf import pdf
from reports.scope import Scope


@require_GET
@require("charge.view")
@limited("export", when=is_download)
def month(request: OrgRequest) -> HttpResponse:
    return _shown(request, None)


@require_GET
@require("charge.view")
@limited("export", when=is_download)
def statement(request: OrgRequest, pk: UUID) -> HttpResponse:
    party = statements.party_of(pk)
    if party is None:
        raise Http404
    return _shown(request, party)


@require_GET
@require("charge.view")
@limited("export", when=is_download)
def statement_of_none(request: OrgRequest) -> HttpResponse:
    return _shown(request, statements.party_called(Who.NOBODY))


@require_GET
@require("charge.view")
@limited("export", when=is_download)
def statement_of_org(request: OrgRequest) -> HttpResponse:
    return _shown(request, statements.party_called(Who.ORG))


def _shown(request: OrgRequest, party: Party | None) -> HttpResponse:
    at = _month_in(request.GET.get("month", ""))
    scope = Scope(Period(at, last_day(at), request.org.zone))
    report = Chargebacks(scope, party, at).build()
    if request.GET.get("csv") == "lines":
        lines = statements.lines_between(at, last_day(at))
        return sheet_of(lines.filter(party.lines) if party else lines, f"chargebacks-lines-{word_of(at)}.csv")
    if wanted := request.GET.get("csv"):
        return sheet(report, wanted)
    if request.GET.get("format") == "pdf":
        answer = HttpResponse(pdf(report, brand_of(request.org)), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="chargebacks-{word_of(at)}.pdf"'
        return answer
    context = {
        "report": report,
        "shown": shown(report),
        "party": party,
        "month": closing.month_at(at),
        "months": [(word_of(one), one, one == at) for one in closing.months() if one != at][:24],
        "may_manage": may(request, "charge.manage"),
    }
    return render(request, "jobs/charges.html", context)


def _month_in(word: str) -> date:
    """The month of the address, else this one."""
    if not word:
        return month_of(today())
    found = month_named(word)
    if found is None:
        raise Http404
    return found


@require_POST
@require("charge.manage")
def close(request: OrgRequest) -> HttpResponse:
    at = _month_in(request.POST.get("month", ""))
    try:
        closing.close(at, request.user)
    except IllegalMove as error:
        # Of a second click too: what was wanted is so.
        messages.info(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(month)s is closed.") % {"month": word_of(at)})
    return redirect(f"{reverse('charges:month')}?month={word_of(at)}")


@require_http_methods(["GET", "POST"])
@require("charge.manage")
def correct(request: OrgRequest) -> HttpResponse:
    """An entry by hand."""
    form = CorrectionForm(request.org, request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            correcting.add(said["amount"], said["reason"], said["department"], said["once"])
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The correction is written."))
            return redirect("charges:month")
    return _asked(request, form, _("Write a correction"))


@require_http_methods(["GET", "POST"])
@require("charge.manage")
def counter(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Take a line back."""
    line = get_object_or_404(ChargeLine, pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            correcting.counter(line, form.cleaned_data["reason"])
        except (IllegalMove, ValidationError) as error:
            form.add_error(None, getattr(error, "messages", str(error)))
        else:
            messages.success(request, _("The line is taken back by a counter-entry."))
            return _back(line.job_id)
    return _asked(request, form, _("Take a line back"), line=line)


@require_http_methods(["GET", "POST"])
@require("charge.manage")
def move(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Charge a job to another department."""
    job = get_object_or_404(Job.objects.select_related("department"), pk=pk)
    form = MoveForm(request.org, request.POST or None, initial={"department": job.department_id})
    if form.is_valid():
        try:
            correcting.move(job, form.cleaned_data["department"], form.cleaned_data["reason"])
        except (IllegalMove, ValidationError) as error:
            form.add_error(None, getattr(error, "messages", str(error)))
        else:
            messages.success(request, _("%(job)s is charged there now.") % {"job": job})
            return _back(job.pk)
    return _asked(request, form, _("Charge another department"), job=job)


def _back(job_id: UUID | None) -> HttpResponse:
    if job_id and Job.objects.filter(pk=job_id).exists():
        return redirect("jobs:detail", pk=job_id)
    return redirect("charges:month")


def _asked(request: OrgRequest, form: Any, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, **more}
    return render(request, "jobs/charge_correct.html", context, status=422 if form.is_bound else 200)
