"""The log of what went wrong: failed, rejected and cancelled prints, and those nobody has classified yet."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from django.db.models import Count
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from jobs import failing
from jobs.models import FailureReason, Print
from jobs.visible import visible_jobs
from orgs.current import current_org
from orgs.models import Department
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers.models import Printer, Tag
from ui.fragments import render_page
from ui.tables import Column, Filter, Table

KINDS = {
    "open": (_("To classify"), failing.TO_CLASSIFY),
    "bad": (_("Failed or rejected"), failing.FAILED | failing.REJECTED),
    "failed": (_("Failed"), failing.FAILED),
    "rejected": (_("Rejected"), failing.REJECTED),
    "cancelled": (_("Cancelled"), failing.CANCELLED),
}


def _printers() -> Iterable[tuple[object, str]]:
    return Printer.objects.order_by("name").values_list("pk", "name")


def _tags() -> Iterable[tuple[object, str]]:
    return Tag.objects.values_list("name", "name")


def _departments() -> Iterable[tuple[object, str]]:
    return Department.objects.of(current_org()).order_by("name").values_list("pk", "name")


def _reasons() -> Iterable[tuple[object, str]]:
    return FailureReason.objects.values_list("pk", "name")


class FailureTable(Table[Print]):
    """The newest first."""

    id = "failures"
    columns = (
        Column("job", _("Job"), sort="job__number"),
        Column("what", _("What"), sort="state"),
        Column("reason", _("Reason"), sort="reason__name"),
        Column("printer", _("Printer"), sort="printer_name"),
        Column("ended", _("When"), sort="ended_at"),
        Column("photo", _("Photo"), kind="extra"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter(
            "kind",
            _("What"),
            [(name, word) for name, (word, _q) in KINDS.items()],
            lambda value: KINDS[value][1],
        ),
        Filter("printer", _("Printer"), _printers, "printer"),
        Filter("reason", _("Reason"), _reasons, "reason"),
    )
    days_of = "ended_at"
    long_filters = (
        Filter("tag", _("Printers tagged"), _tags, "printer__tags__name", is_many=True),
        Filter("department", _("Department"), _departments, "job__department"),
    )
    search = ("job__name", "job__number", "note", "finding", "printer_name")
    order = ("-ended_at",)


class LimitedTable(FailureTable):
    """For those who see some printers only: no list of all of them."""

    filters = tuple(one for one in FailureTable.filters if one.name != "printer")


@require_GET
@require("job.view")
def failure_list(request: OrgRequest) -> HttpResponse:
    rows = failing.bad_prints()
    if not may(request, "job.manage"):
        rows = rows.filter(job__in=visible_jobs(request.membership))
    counts = rows.order_by().aggregate(**{name: Count("pk", filter=q) for name, (_word, q) in KINDS.items()})
    table = FailureTable if request.membership.limited_to is None else LimitedTable
    context = {
        "table": table(rows, request.GET),
        "counts": [(name, word, counts[name]) for name, (word, _q) in KINDS.items()],
        "may_manage": may(request, "job.manage"),
    }
    return render_page(request, "jobs/failure_list.html", "jobs/_failures.html", context)
