"""Puts each request in the schema of its organisation: named in the path, or by the API token."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix, reverse, set_script_prefix
from django.utils import timezone, translation
from django.utils.encoding import escape_uri_path
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_tenants.utils import get_public_schema_name, schema_context, tenant_context

from audit.trail import Actor, acting, record

from . import access, limits, tokens
from .addresses import org_root, platform_url
from .creating import is_set_up
from .credentials import bearer_in, key_in
from .models import ApiToken, Membership, Org, PastSlug
from .requests import OrgRequest
from .rest.problems import as_problem, problem
from .rest.refusals import as_refusal, is_for_slicers, refusal
from .roles import Role

ORG_PATH = re.compile(r"^/o/(?P<slug>[-\w]+)(?P<rest>/.*)$")
API_PATH = "/api/"
UNKNOWN_CALLER = "A living API token is needed: Authorization: Bearer odin_…"
UNKNOWN_SLICER = "This needs a living API token of this organisation as the API key. It begins with odin_."
NOT_FROM_HERE = "This network address is not among those that are let in."
NEEDS_MFA = "The token's person must set up two-step sign-in first: sign in and do so."
ACCOUNT = "/account/"
IS_SUSPENDED = "This organisation is suspended."
# Those that their members are told of; of an archived one they are told nothing.
KNOWN = (Org.State.ACTIVE, Org.State.SUSPENDED)
OPEN_API_PATHS = ("/api/openapi.json", "/api/docs")


class OrgMiddleware:
    """Serve /o/<slug>/... and /api/... inside one organisation's schema, to its members only.

    Pages are for sessions, the API and what lies below a slicer's inbox for tokens; neither knows the other.

    The prefix /o/<slug> moves from path_info to the script prefix, so URL patterns need no organisation
    and reverse() gives addresses in the same one. An organisation one does not belong to answers 404,
    like one that does not exist. Whatever happens in the view, the connection is back where it was.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.was_set_up = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with schema_context(get_public_schema_name()):
            if not access.may_enter_platform(request.META.get("REMOTE_ADDR", "")):
                return _shut_out(request)
            if not self._is_set_up() and not request.path_info.startswith("/set-up/"):
                return self._lead_to_set_up(request)
            match = ORG_PATH.match(request.path_info)
            if match and is_for_slicers(request.path_info):
                return self._serve_slicer(request, match["slug"], match["rest"])
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
        if membership is None:
            return _lead_to_new_address(request, slug, rest)
        if membership.org.state != Org.State.ACTIVE:
            return _closed(request, membership.org)
        if not access.may_enter(membership.org, request.META.get("REMOTE_ADDR", "")):
            return _shut_out(request)
        due = access.mfa_due(membership)
        request.mfa_due = due  # type: ignore[attr-defined]
        if due is not None and due <= timezone.now() and not rest.startswith(ACCOUNT):
            return _lead_to_mfa(request, slug, rest)
        request.token = None  # type: ignore[attr-defined]
        if request.session.get("last_org") != str(membership.org_id):
            request.session["last_org"] = str(membership.org_id)
        with _below(request, slug, rest):
            return self._serve(request, membership, _actor_of(request))

    def _serve_api(self, request: HttpRequest) -> HttpResponseBase:
        token = tokens.find(bearer_in(request))
        membership = _membership_of(token)
        if token is None or membership is None:
            return _wrong_token(request) or problem(401, UNKNOWN_CALLER)
        if words := _why_no_token(request, token, membership):
            return problem(403, words)
        return as_problem(self._serve_token(request, token, membership))

    def _serve_slicer(self, request: HttpRequest, slug: str, rest: str) -> HttpResponseBase:
        """A key of another organisation is a wrong key, whether or not there is one at `slug`."""
        key = key_in(request)
        token = tokens.find(key)
        membership = _membership_of(token)
        if token is None or membership is None or not _is_address_of(token.org, slug):
            return _wrong_token(request) or refusal(request, 403 if key else 401, UNKNOWN_SLICER)
        if words := _why_no_token(request, token, membership):
            return refusal(request, 403, words)
        with _below(request, slug, rest):
            return as_refusal(request, self._serve_token(request, token, membership))

    def _serve_token(self, request: HttpRequest, token: ApiToken, membership: Membership) -> HttpResponseBase:
        address = request.META.get("REMOTE_ADDR")
        tokens.note_use(token, address)
        request.user = token.user
        request.token = token  # type: ignore[attr-defined]
        actor = Actor(token.user_id, str(token.user), f"token {token.name}", address)
        return self._serve(request, membership, actor)

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


def _membership(request: HttpRequest, slug: str) -> Membership | None:
    """The person's membership; a superadmin gets an admin's that is not stored, all others nothing."""
    found = Membership.objects.select_related("org__access").filter(
        user=request.user.pk, org__slug=slug, org__state__in=KNOWN
    )
    membership = found.first()
    if membership is None and request.user.is_authenticated and request.user.is_superadmin:
        org = Org.objects.select_related("access").filter(slug=slug, state__in=KNOWN).first()
        membership = Membership(user=request.user, org=org, role=Role.ADMIN) if org else None
    if membership is not None:
        membership.user = request.user  # type: ignore[assignment]
    return membership


def _lead_to_new_address(request: HttpRequest, slug: str, rest: str) -> HttpResponseBase:
    """From an address that an organisation had to the one it has; Http404 for whoever is no member there.

    307 keeps the method, so a form that was open while the address changed is not lost.
    """
    org = Org.objects.filter(past_slugs__slug=slug, state__in=KNOWN).first()
    if org is None or _membership(request, org.slug or "") is None:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    path = f"{org_root(org)}{escape_uri_path(rest.removeprefix('/'))}"
    return HttpResponseRedirect(f"{path}?{query}" if query else path, preserve_request=True)


def _is_address_of(org: Org, slug: str) -> bool:
    """Slicers are set up once and for years: the addresses an organisation had are still good."""
    return org.slug == slug or PastSlug.objects.filter(slug=slug, org=org).exists()


def _closed(request: HttpRequest, org: Org) -> HttpResponseBase:
    """What a member of a suspended organisation sees, whatever was asked for."""
    urls = {"list_url": platform_url("orgs:list"), "manage_url": platform_url("orgs:manage", org.pk)}
    return render(request, "orgs/closed.html", {"closed": org, **urls}, status=403)


def _why_no_token(request: HttpRequest, token: ApiToken, membership: Membership) -> str:
    """In words for programs; empty if the token's call may go on."""
    membership.org, membership.user = token.org, token.user
    if token.org.state != Org.State.ACTIVE:
        reason = token.org.closed_reason
        return f"{IS_SUSPENDED} {reason}".strip()
    if not access.may_enter(token.org, request.META.get("REMOTE_ADDR", "")):
        return NOT_FROM_HERE
    due = access.mfa_due(membership)
    return NEEDS_MFA if due is not None and due <= timezone.now() else ""


def _wrong_token(request: HttpRequest) -> HttpResponseBase | None:
    """429 for who tries many tokens. A request without any guesses nothing, and is not counted."""
    if not key_in(request):
        return None
    with acting(Actor(None, "nobody", "token", request.META.get("REMOTE_ADDR"))):
        wait_s = limits.wrong_token(request.META.get("REMOTE_ADDR", ""))
    return limits.too_many(request, wait_s) if wait_s else None


def _shut_out(request: HttpRequest) -> HttpResponseBase:
    """The answer to an address that is not let in."""
    if is_for_slicers(request.path_info):
        return refusal(request, 403, NOT_FROM_HERE)
    if request.path_info.startswith(API_PATH):
        return problem(403, NOT_FROM_HERE)
    context = {"address": request.META.get("REMOTE_ADDR", "")}
    return render(request, "orgs/not_from_here.html", context, status=403)


def _lead_to_mfa(request: HttpRequest, slug: str, rest: str) -> HttpResponseBase:
    """To where the second step is set up, and from there back; what belongs to one's account stays open."""
    with _below(request, slug, rest):
        address = f"{reverse('accounts:authenticator')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def _membership_of(token: ApiToken | None) -> Membership | None:
    """What the person of a living token is in its organisation; None for a dead one."""
    if token is None or token.org.state not in KNOWN:
        return None
    return Membership.objects.filter(user=token.user_id, org=token.org_id).first()


@contextmanager
def _below(request: HttpRequest, slug: str, rest: str) -> Iterator[None]:
    """The rest of the path is resolved, and addresses are made, below /o/<slug>."""
    prefix = get_script_prefix()
    request.path_info = rest
    set_script_prefix(f"{prefix}o/{slug}/")
    try:
        yield
    finally:
        set_script_prefix(prefix)


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
