"""Reports in the REST API: their kinds, and each as JSON, CSV, PDF or HTML."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from orgs.branding import brand_of
from orgs.limits import is_download, limited
from orgs.permissions import check, may, require
from orgs.requests import OrgRequest
from orgs.rest.listing import Sound, answer
from orgs.rest.problems import Problem, field_error
from reports.builders import BUILDERS
from reports.builders.builder import Builder
from reports.forms import ScopeForm
from reports.making import page_of
from reports.renderers import csv
from reports.renderers.data import plain
from reports.renderers.mail import mail
from reports.renderers.pdf import pdf
from reports.report import Report
from ui import sheets
from ui.headers import as_mail

router = Router(tags=["reports"])


class KindOut(Schema):
    kind: str
    title: str
    summary: str


class KindListOut(Schema):
    items: list[KindOut]
    count: int


class ColumnOut(Schema):
    """`unit`: text, count, share of 1, change of shares, bias (a factor less 1), grams, seconds,
    kwh, quantity (a plain number), money."""

    name: str
    label: str
    unit: str


class FigureOut(Schema):
    name: str
    label: str
    unit: str
    value: float | str | None
    before: float | str | None


class SectionOut(Schema):
    name: str
    title: str
    columns: list[ColumnOut]
    rows: list[dict[str, Any]]
    totals: dict[str, Any] | None
    left_out: int
    note: str


class ReportOut(Schema):
    """Money is a decimal string in `currency`. `from` and `to` are whole days in `time_zone`."""

    kind: str
    title: str
    from_: date = Field(alias="from")
    to: date
    starts_at: str
    ends_at: str
    time_zone: str
    currency: str
    made_at: str
    figures: list[FigureOut]
    sections: list[SectionOut]
    notes: list[str]


class ReportQuery(Sound):
    """`from` and `to` are days, both included; without them the last 30. `section` is for CSV: the first one.

    `tag` is the name of a tag of printers.
    """

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    tag: str = Field("", max_length=40)
    department_id: UUID | None = None
    format: Literal["json", "csv", "pdf", "html"] = "json"
    section: str = Field("", max_length=40)


NAMES = {"from_": "from", "department": "department_id"}


@router.get("", response={200: KindListOut}, summary="The kinds of reports that one may see")
@require("report.view")
def report_kinds(request: OrgRequest) -> HttpResponse:
    items = [
        {"kind": kind, "title": str(one.title), "summary": str(one.summary)}
        for kind, one in BUILDERS.items()
        if may(request, one.action)
    ]
    return answer({"items": items, "count": len(items)})


@router.get("/{kind}", response={200: ReportOut}, summary="A report of some days, as JSON, CSV, PDF or HTML")
@require("report.view")
@limited("export", when=is_download)
def report(request: OrgRequest, kind: str, query: Query[ReportQuery]) -> HttpResponse:
    """A viewer gets `own_costs` alone, of their own jobs."""
    if kind not in BUILDERS:
        raise Http404
    builder = BUILDERS[kind]
    check(request, builder.action)
    made = _made(request, builder, query)
    if query.format == "csv":
        return _sheet(made, query.section)
    if query.format == "pdf":
        return HttpResponse(pdf(made, brand_of(request.org)), content_type="application/pdf")
    if query.format == "html":
        said = {"tag": query.tag, "department": str(query.department_id or "")}
        filters = {name: value for name, value in said.items() if value}
        page = page_of(kind, made.period.first, made.period.last, filters)
        html, _text = mail(made, brand_of(request.org), page)
        return as_mail(HttpResponse(html))
    return answer(plain(made))


def _made(request: OrgRequest, builder: type[Builder], query: ReportQuery) -> Report:
    known = {"from", "to", "tag", "department_id", "format", "section"}
    if not builder.has_departments:
        known.remove("department_id")
    if unknown := sorted(set(request.GET) - known):
        raise Problem(422, "Unknown parameter.", [field_error(name, "is not known here") for name in unknown])
    data = {"from": query.from_, "to": query.to, "tag": query.tag, "department": query.department_id}
    form = ScopeForm(data, request.org, timezone.localdate(), has_departments=builder.has_departments)
    if not form.is_valid():
        errors = [
            field_error(NAMES.get(name, name), str(message))
            for name, messages in form.errors.items()
            for message in messages
        ]
        raise Problem(422, "The report can't be made of this.", errors)
    return builder(form.scope(request.user.pk if builder.is_personal else None)).build()


def _sheet(made: Report, name: str) -> HttpResponse:
    section = next((one for one in made.sections if not name or one.name == name), None)
    if section is None:
        names = ", ".join(one.name for one in made.sections)
        raise Problem(422, "Unknown section.", [field_error("section", f"must be one of {names}")])
    return sheets.answer(csv.file_name(made, section), csv.heads(made, section), csv.rows(section))
