"""Quotas in the REST API."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router

from jobs.quotas.measuring import applicant_in
from jobs.quotas.rules import Applicant
from jobs.quotas.schemas import QuotaListOut, QuotaQuery
from jobs.quotas.standing import describe, standings
from orgs.models import Department, Membership
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.listing import answer, check_parameters
from orgs.rest.problems import Problem, field_error
from orgs.roles import Role

router = Router(tags=["quotas"])


@router.get("", response={200: QuotaListOut}, summary="What is left of the quotas, one's own or another's")
@require("job.view")
def quotas(request: OrgRequest, query: Query[QuotaQuery]) -> HttpResponse:
    """The fullest first."""
    check_parameters(request, query)
    if query.ordering:
        raise Problem(422, "Unknown ordering.", [field_error("ordering", "can't be chosen here")])
    words = query.search.casefold()
    found = [one for one in standings(_asked(request, query)) if words in one.name.casefold()]
    page = found[query.offset : query.offset + query.limit]
    return answer({"items": [describe(one) for one in page], "count": len(found)})


def _asked(request: OrgRequest, query: QuotaQuery) -> Applicant:
    own = request.membership
    is_own = query.user_id in {None, request.user.pk} and query.department_id in {None, own.department_id}
    if not is_own and own.role < Role.OPERATOR:
        raise PermissionDenied(_("Your role does not allow this."))
    department = query.department_id
    if department is not None:
        get_object_or_404(Department.objects.of(request.org), pk=department)
    if query.user_id is None and department is not None:
        return Applicant(None, None, None, department)
    if query.user_id in {None, request.user.pk}:
        return applicant_in(own, request.user, department or own.department_id)
    other = get_object_or_404(Membership.objects.select_related("user"), org=request.org, user=query.user_id)
    return applicant_in(other, other.user, department or other.department_id)
