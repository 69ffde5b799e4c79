"""What is left of the quotas: one's own for everybody, everybody's for operators."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jobs.quotas.measuring import applicant_in
from jobs.quotas.standing import everybody, standings
from orgs.permissions import may, require
from orgs.requests import OrgRequest

SIZE = 50


@require_GET
@require("job.view")
def quota_list(request: OrgRequest) -> HttpResponse:
    own = request.membership
    context: dict[str, Any] = {
        "standings": standings(applicant_in(own, request.user, own.department_id)),
        "may_set": may(request, "quota.manage"),
        "sees_all": may(request, "job.manage"),
    }
    if context["sees_all"]:
        words = request.GET.get("q", "")[:200].strip()
        wanted = words.casefold()
        found = [one for one in everybody() if wanted in one.name.casefold()]
        page = Paginator(found, SIZE).get_page(request.GET.get("page"))
        context |= {"words": words, "everybody": page}
    return render(request, "jobs/quota_list.html", context)
