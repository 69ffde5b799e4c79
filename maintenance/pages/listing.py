"""All tasks of the organisation."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from maintenance.showing import lines_of
from maintenance.table import TaskTable, counts, listed_tasks
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from ui.fragments import render_page


@require_GET
@require("maintenance.view")
def task_list(request: OrgRequest) -> HttpResponse:
    table = TaskTable(listed_tasks(), request.GET)
    context = {
        "table": table,
        "lines": lines_of(table.rows),
        "counts": counts(),
        "may_edit": may(request, "maintenance.edit"),
        "may_log": may(request, "maintenance.log"),
    }
    return render_page(request, "maintenance/task_list.html", "maintenance/_tasks.html", context)
