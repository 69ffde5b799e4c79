"""This app's part of the REST API."""

from django.http import HttpResponse
from ninja import Router, Schema

from .permissions import require
from .requests import OrgRequest
from .rest.listing import answer
from .rest.problems import Problem, field_error
from .roles import Role, scopes_of

router = Router(tags=["orgs"])


class PersonOut(Schema):
    id: str
    name: str
    email: str


class OrgOut(Schema):
    slug: str
    name: str
    time_zone: str
    currency: str


class MeOut(Schema):
    user: PersonOut
    org: OrgOut
    role: str
    scopes: list[str]


@router.get("", response={200: MeOut}, summary="Whose token this is, and what it may do")
@require("org.view")
def me(request: OrgRequest) -> HttpResponse:
    if request.GET:
        raise Problem(
            422, "Unknown parameter.", [field_error(name, "is not known here") for name in request.GET]
        )
    role, org = Role(request.membership.role), request.org
    granted = request.token.scopes if request.token else []
    return answer(
        {
            "user": {"id": request.user.pk, "name": request.user.name, "email": request.user.email},
            "org": {"slug": org.slug, "name": org.name, "time_zone": org.time_zone, "currency": org.currency},
            "role": role.word,
            "scopes": [scope for scope in granted if scope in scopes_of(role)],
        }
    )
