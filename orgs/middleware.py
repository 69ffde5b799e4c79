"""Puts each request in the schema of its organisation: named in the path, or by the API token."""

import re
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import get_script_prefix, reverse, set_script_prefix
from django.utils import timezone, translation
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from audit.trail import Actor, acting, record

from . import tokens
from .creating import is_set_up
from .models import Membership, Org
from .requests import OrgRequest
from .rest.problems import problem
from .roles import Role

ORG_PATH = re.compile(r"^/o/(?P<slug>[-\w]+)(?P<rest>/.*)$")
API_PATH = "/api/"
WORDS_OF_DJANGO = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
    500: "Something went wrong here. It has been logged.",
}
UNKNOWN_CALLER = "A living API token is needed: Authorization: Bearer odin_…"
OPEN_API_PATHS = ("/api/openapi.json", "/api/docs")


class OrgMiddleware:
    """Serve /o/<slug>/... and /api/... inside one organisation's schema, to its members only.

    The prefix /o/<slug> moves from path_info to the script prefix, so URL patterns need no organisation
    and reverse() gives addresses in the same one. An organisation one does not belong to answers 404,
    like one that does not exist. Whatever happens in the view, the connection is back where it was.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.was_set_up = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with schema_context(get_public_schema_name()):
            if not self._is_set_up() and not request.path_info.startswith("/set-up/"):
                return self._lead_to_set_up(request)
            match = ORG_PATH.match(request.path_info)
            if match:
                return self._serve_page(request, match["slug"], match["rest"])
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF  # type: ignore[attr-defined]
            if request.path_info.startswith(API_PATH) and not request.path_info.startswith(OPEN_API_PATHS):
                return self._serve_api(request)
            with acting(_actor_of(request)):
                return self.get_response(request)

    def _is_set_up(self) -> bool:
        # Once true, true for ever: only an empty server asks the database again.
        self.was_set_up = self.was_set_up or is_set_up()
        return self.was_set_up

    def _lead_to_set_up(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API_PATH):
            return problem(503, "This server is not set up yet.")
        return HttpResponseRedirect(reverse("orgs:set_up", urlconf=settings.PUBLIC_SCHEMA_URLCONF))

    def _serve_page(self, request: HttpRequest, slug: str, rest: str) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        membership = _membership(request, slug)
        request.token = None  # type: ignore[attr-defined]
        request.path_info = rest
        if request.session.get("last_org") != str(membership.org_id):
            request.session["last_org"] = str(membership.org_id)
        prefix = get_script_prefix()
        set_script_prefix(f"{prefix}o/{slug}/")
        try:
            return self._serve(request, membership, _actor_of(request))
        finally:
            set_script_prefix(prefix)

    def _serve_api(self, request: HttpRequest) -> HttpResponseBase:
        token = tokens.find(_token_text(request))
        if token is None or token.org.state != Org.State.ACTIVE:
            return problem(401, UNKNOWN_CALLER)
        membership = Membership.objects.filter(user=token.user_id, org=token.org_id).first()
        if membership is None:
            return problem(401, UNKNOWN_CALLER)
        tokens.note_use(token, request.META.get("REMOTE_ADDR"))
        membership.org, membership.user = token.org, token.user
        request.user = token.user
        request.token = token  # type: ignore[attr-defined]
        address = request.META.get("REMOTE_ADDR")
        actor = Actor(token.user_id, str(token.user), f"token {token.name}", address)
        return _as_problem(self._serve(request, membership, actor))

    def _serve(self, request: HttpRequest, membership: Membership, actor: Actor) -> HttpResponseBase:
        request.membership = membership  # type: ignore[attr-defined]
        request.org = org = membership.org  # type: ignore[attr-defined]
        with (
            tenant_context(org),
            acting(actor),
            timezone.override(org.zone),
            translation.override(org.language),
        ):
            if membership._state.adding and isinstance(request.user.pk, UUID):
                _note_visit(request)  # type: ignore[arg-type]
            return self.get_response(request)


def _membership(request: HttpRequest, slug: str) -> Membership:
    """The person's membership; a superadmin gets an admin's that is not stored. Http404 for all others."""
    found = Membership.objects.select_related("org").filter(
        user=request.user.pk, org__slug=slug, org__state=Org.State.ACTIVE
    )
    membership = found.first()
    if membership is None and request.user.is_authenticated and request.user.is_superadmin:
        org = Org.objects.filter(slug=slug, state=Org.State.ACTIVE).first()
        membership = Membership(user=request.user, org=org, role=Role.ADMIN) if org else None
    if membership is None:
        raise Http404
    return membership


def _note_visit(request: OrgRequest) -> None:
    """A superadmin in an organisation that is not theirs is a line of its audit trail, once a session."""
    visited = request.session.setdefault("visited_orgs", [])
    if str(request.org.pk) not in visited:
        visited.append(str(request.org.pk))
        request.session.modified = True
        record("superadmin.enter", request.org)


def _actor_of(request: HttpRequest) -> Actor:
    address = request.META.get("REMOTE_ADDR")
    if request.user.is_authenticated:
        return Actor(request.user.pk, str(request.user), "session", address)
    return Actor(None, "nobody", "session", address)


def _token_text(request: HttpRequest) -> str:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if kind.lower() == "bearer" else request.headers.get("X-Api-Key", "")


def _as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """What Django itself answers with a page (no such address, wrong method) is a problem in the API."""
    if response.status_code < 400 or response.headers.get("Content-Type", "").startswith("application/"):
        return response
    answer = problem(response.status_code, WORDS_OF_DJANGO.get(response.status_code, "That did not work."))
    if "Allow" in response.headers:
        answer["Allow"] = response.headers["Allow"]
    return answer
