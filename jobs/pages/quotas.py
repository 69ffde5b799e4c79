"""What is left of the quotas: one's own for everybody, everybody's for operators."""

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jobs.facts import used_filaments
from jobs.forms import JobForm
from jobs.quotas.measuring import applicant_in
from jobs.quotas.rules import Taken
from jobs.quotas.standing import Standing, everybody, standings
from jobs.settling import grams_of
from orgs.permissions import may, require
from orgs.requests import OrgRequest

SIZE = 50


def left_after(request: OrgRequest, form: JobForm) -> list[Standing]:
    """How the person stands after the job that the form asks for, as far as that is known yet."""
    chosen = request.membership.department_id
    if form.departments:
        asked = str(form["department_id"].value() or "")
        chosen = next((pk for pk in form.departments if str(pk) == asked), None)
    copies = str(form["copies"].value() or "")
    number = int(copies) if copies.isascii() and copies.isdecimal() and len(copies) < 4 else 1
    plate = form.chosen_plate
    grams = grams_of(used_filaments(plate)) if plate else Decimal(0)
    seconds = (plate.print_s or 0) if plate else 0
    wanted = Taken(1, grams * number, seconds * number)
    return standings(applicant_in(request.membership, request.user, chosen), wanted)


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
