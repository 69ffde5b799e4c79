"""The history of reports that were sent: each run with its exact files, and who got it."""

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from orgs.limits import always, limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from reports import keeping, planning
from reports.mailing import file_stem
from reports.models import Run, Sending
from ui.fragments import render_page
from ui.headers import as_file, as_mail
from ui.tables import Column, Filter, Table

TYPES = {"pdf": "application/pdf", "html": "text/html; charset=utf-8", "csv": "application/zip"}
ENDINGS = {"csv": "zip"}


class RunTable(Table[Run]):
    id = "runs"
    columns = (
        Column("report", gettext_lazy("Report"), sort="name"),
        Column("days", gettext_lazy("Days"), sort="first"),
        Column("state", gettext_lazy("State"), sort="state"),
        Column("at", gettext_lazy("Made"), sort="at"),
    )
    filters = (Filter("state", gettext_lazy("State"), Run.State.choices),)
    search = ("name",)
    order = ("-at",)


@require_GET
@require("report.analyse")
def run_list(request: OrgRequest) -> HttpResponse:
    table = RunTable(Run.objects.all(), request.GET)
    return render_page(
        request, "reports/run_list.html", "reports/_runs.html", {"table": table, "runs": table.rows}
    )


@require_GET
@require("report.analyse")
def run_detail(request: OrgRequest, pk: UUID) -> HttpResponse:
    run = get_object_or_404(Run.objects.select_related("schedule", "asked_by"), pk=pk)
    context = {"run": run, "sendings": run.sendings.all(), "is_open": run.state in Run.OPEN}
    return render_page(request, "reports/run_detail.html", "reports/_run.html", context)


@require_GET
@require("report.analyse")
@limited("export", when=always)
def run_file(request: OrgRequest, pk: UUID, form: str) -> HttpResponse:
    """The PDF, the mail or the sheets, exactly as they were sent."""
    run = get_object_or_404(Run, pk=pk)
    path = getattr(run, form) if form in TYPES else ""
    if not path or not default_storage.exists(path):
        raise Http404
    response = HttpResponse(keeping.read(path), content_type=TYPES[form])
    name = f"{file_stem(run)}.{ENDINGS.get(form, form)}"
    response["Content-Disposition"] = f'{"inline" if form == "html" else "attachment"}; filename="{name}"'
    return as_mail(response) if form == "html" else as_file(response)


@require_POST
@require("report.schedule")
@limited("report-run")
def send_again(request: OrgRequest, pk: UUID) -> HttpResponse:
    sending = get_object_or_404(Sending.objects.select_related("run"), pk=pk)
    if planning.send_again(sending):
        messages.success(request, _("It is sent to %(email)s once more.") % {"email": sending.email})
    return redirect("reports:run", sending.run_id)
