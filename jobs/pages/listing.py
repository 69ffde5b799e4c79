"""The queue and what became of it: the list of jobs and its live deltas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from bulk.offering import offer
from jobs import outlook
from jobs.bulk import JOBS
from jobs.expecting import may_wait, why_it_waits
from jobs.lending import lent
from jobs.models import Job, Print
from jobs.order import QUEUE_ORDER
from jobs.outlook import Ahead
from jobs.states import ACTIVE, OVER, JobState, Priority
from jobs.visible import visible_jobs
from orgs.current import current_org
from orgs.models import Department
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from printers import live
from printers.models import Printer, Tag
from reports.following import delta, nothing_new, seen_version
from ui.days import asked
from ui.fragments import render_page
from ui.tables import Column, Filter, Table

OPEN = [state for state in JobState if state not in OVER]
# After a number.
COUNTED_AS = {JobState.SUBMITTED: _("awaiting approval")}


def _departments() -> Iterable[tuple[object, str]]:
    return Department.objects.of(current_org()).order_by("name").values_list("pk", "name")


def _printers() -> Iterable[tuple[object, str]]:
    return Printer.objects.order_by("name").values_list("pk", "name")


def _tags() -> Iterable[tuple[object, str]]:
    return Tag.objects.values_list("name", "name")


class JobTable(Table[Job]):
    """Without a filter of states or days: what is open, in the order in which it is served."""

    id = "jobs"
    columns = (
        Column("number", _("Job"), sort="number"),
        Column("state", _("State"), sort="state"),
        Column("printer", _("Printer"), kind="extra"),
        Column("copies", _("Copies"), kind="number"),
        Column("estimate", _("Time"), sort="estimate_s", kind="number"),
        Column("grams", _("Filament"), sort="grams", kind="number extra"),
        Column("due", _("Due"), sort="due_at", kind="extra"),
        Column("by", _("By"), sort="by__name", kind="extra"),
    )
    filters = (
        Filter("state", _("State"), JobState.choices),
        Filter("priority", _("Priority"), Priority.choices),
    )
    days_of = "ended_at"
    long_filters = (
        Filter("department", _("Department"), _departments),
        Filter("printer", _("Printer"), _printers, "prints__printer", is_many=True),
        Filter("tag", _("Printers tagged"), _tags, "prints__printer__tags__name", is_many=True),
    )
    search = ("name", "number", "notes", "by__name")
    order = QUEUE_ORDER


@dataclass(frozen=True, slots=True)
class Row:
    """A job as its row shows it; `one` is the copy on a printer, if any, `ahead` what the next may expect."""

    job: Job
    one: Print | None
    progress: float | None
    ends_at: datetime | None
    ahead: Ahead | None = None

    @property
    def why(self) -> str:
        return why_it_waits(self.job.why_not, self.ahead)

    @property
    def is_at_risk(self) -> bool:
        """Whether by the forecast it is done after its due date."""
        due = self.job.due_at
        late = bool(due and self.ends_at and self.ends_at > due)
        return late or bool(self.ahead and self.ahead.is_late(due))


@require_GET
@require("job.view")
def job_list(request: OrgRequest) -> HttpResponse:
    version = live.version_of(request.org.pk)
    context = {**list_context(request), "version": version}
    return render_page(request, "jobs/job_list.html", "jobs/_jobs.html", context)


@require_GET
@require("job.view")
def job_live(request: OrgRequest) -> HttpResponse:
    """204, or the rows whose printer said something new, or all if the queue itself has changed."""
    seen = seen_version(request)
    version, changed = live.changes_since(request.org.pk, seen)
    if version == seen or not changed:
        return nothing_new(version)
    if visible_jobs(request.membership).filter(pk__in=changed).exists():
        return delta([render_to_string("jobs/_jobs.html", list_context(request), request)], version)
    table = table_of(request)
    jobs = [job for job in table.rows if job.state in ACTIVE]
    touched = [row for row in rows_of(jobs) if row.one and row.one.printer_id in changed]
    if not touched:
        return nothing_new(version)
    offer(request, JOBS, [row.job for row in touched])
    may_manage = may(request, "job.manage")
    context = {"may_manage": may_manage, "in_order": not table.sort and not table.is_filtered}
    drawn = [render_to_string("jobs/_row.html", {"row": row, **context}, request) for row in touched]
    return delta([SafeString(f"<table><tbody>{''.join(drawn)}</tbody></table>")], version)


def table_of(request: OrgRequest) -> JobTable:
    """The list that the address asks for."""
    rows: QuerySet[Job] = visible_jobs(request.membership).select_related("by", "revision")
    if not (request.GET.getlist("state") or request.GET.get("show") == "all" or asked(request.GET)):
        rows = rows.filter(state__in=OPEN)
    return JobTable(rows, request.GET)


def list_context(request: OrgRequest) -> dict[str, Any]:
    table = table_of(request)
    counted = dict(
        visible_jobs(request.membership)
        .filter(state__in=OPEN)
        .values_list("state")
        .annotate(Count("pk"))
        .order_by()
    )
    return {
        "table": table,
        "rows": rows_of(table.rows),
        "bulk_actions": offer(request, JOBS, table.rows),
        "counts": [
            (state.value, COUNTED_AS.get(state, state.label), counted[state])
            for state in OPEN
            if counted.get(state)
        ],
        "waiting": counted.get(JobState.QUEUED, 0),
        "may_manage": may(request, "job.manage"),
        "may_submit": may(request, "job.submit"),
        "in_order": not table.sort and not table.is_filtered,
    }


def rows_of(jobs: Sequence[Job]) -> list[Row]:
    """In one query and two questions to Redis, whatever the number of jobs."""
    prints: dict[UUID, Print] = {}
    for one in (
        Print.objects.filter(job__in=[job.pk for job in jobs]).exclude(printer_name="").order_by("started_at")
    ):
        kept = prints.get(one.job_id)
        if kept is None or kept.state not in ACTIVE:
            prints[one.job_id] = one
    org_id = current_org().pk
    statuses = live.read(
        org_id, [one.printer_id for one in prints.values() if one.state in ACTIVE and one.printer_id]
    )
    statuses |= lent.heard_of(one.lent_id for one in prints.values() if one.state in ACTIVE and one.lent_id)
    ahead = outlook.ahead_of(job.pk for job in jobs if may_wait(job.state, job.copies, job.copies_done))
    return [_row(job, prints.get(job.pk), statuses, ahead.get(job.pk)) for job in jobs]


def _row(job: Job, one: Print | None, statuses: dict[UUID, live.Live], ahead: Ahead | None) -> Row:
    place = (one.printer_id or one.lent_id) if one and one.state in ACTIVE else None
    known = statuses.get(place) if place else None
    if known is None or one is None or one.started_at is None:
        return Row(job, one, None, None, ahead)
    left_s = known.status.remaining_s
    ends_at = known.updated_at + timedelta(seconds=left_s) if left_s else None
    return Row(job, one, known.status.progress, ends_at, ahead)
