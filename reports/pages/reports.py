"""The reports: a tab for each kind, its days and filters in the address, each of its tables as CSV too."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from orgs.limits import is_download, limited
from orgs.permissions import check, may, require
from orgs.requests import OrgRequest
from reports.builders import BUILDERS
from reports.builders.builder import Builder
from reports.forms import WORDS, ScopeForm
from reports.periods import PRESETS, USUAL
from reports.renderers import csv
from reports.renderers.html import shown
from reports.report import Report
from ui import sheets
from ui.query import changed


@require_GET
@require("report.view")
def report_list(request: OrgRequest) -> HttpResponse:
    """The first report that this member may see."""
    return redirect("reports:report", kind=next(kind for kind, _one in _offered(request)))


@require_GET
@require("report.view")
@limited("export", when=is_download)
def report_page(request: OrgRequest, kind: str) -> HttpResponse:
    builder = builder_of(request, kind)
    form = ScopeForm(request.GET, request.org, timezone.localdate(), has_departments=builder.has_departments)
    context = {
        "form": form,
        "tabs": _tabs(request, kind),
        "builder": builder,
        "presets": _presets(request),
        "may_schedule": may(request, "report.schedule"),
    }
    if not form.is_valid():
        return render(request, "reports/report.html", context, status=422)
    report = builder(form.scope(request.user.pk if builder.is_personal else None)).build()
    if wanted := request.GET.get("csv"):
        return sheet(report, wanted)
    return render(request, "reports/report.html", context | {"shown": shown(report), "report": report})


def builder_of(request: OrgRequest, kind: str) -> type[Builder]:
    """Http404 for no kind, PermissionDenied for one that is not for this member."""
    if kind not in BUILDERS:
        raise Http404
    check(request, BUILDERS[kind].action)
    return BUILDERS[kind]


def sheet(report: Report, name: str) -> HttpResponse:
    section = next((one for one in report.sections if one.name == name), None)
    if section is None:
        raise Http404
    return sheets.answer(csv.file_name(report, section), csv.heads(report, section), csv.rows(section))


def _offered(request: OrgRequest) -> list[tuple[str, type[Builder]]]:
    return [(kind, one) for kind, one in BUILDERS.items() if may(request, one.action)]


def _tabs(request: OrgRequest, kind: str) -> list[dict[str, Any]]:
    """The tabs; each keeps what this one is narrowed to."""
    return [{"kind": name, "title": one.title, "is_here": name == kind} for name, one in _offered(request)]


def _presets(request: OrgRequest) -> list[dict[str, Any]]:
    asked = request.GET.get("period") or USUAL
    is_own = bool(request.GET.get("from") or request.GET.get("to"))
    return [
        {
            "word": WORDS[name],
            "url": changed(request.GET, {"period": name, "from": None, "to": None, "csv": None}),
            "is_on": not is_own and name == asked,
        }
        for name in PRESETS
    ]
