"""API tokens: one's own, and for admins everybody's here."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.stepping_up import sure
from orgs import tokens
from orgs.addresses import platform_url
from orgs.forms import TokenForm
from orgs.limits import limited
from orgs.models import ApiToken
from orgs.permissions import may, require
from orgs.requests import OrgRequest
from orgs.roles import Role, scopes_of
from ui.fragments import add_toast, wants_fragment


@never_cache
@require_http_methods(["GET", "POST"])
@require("token.manage")
@sure
@limited("token")
def token_list(request: OrgRequest) -> HttpResponse:
    """The tokens and the form for a new one; the text of a new one is in this one answer only."""
    role = Role(request.membership.role)
    form = TokenForm(role, request.POST or None, auto_id="token-%s", initial=_wished(request, role))
    is_member = not request.membership._state.adding
    text = ""
    if form.is_valid() and is_member:
        data = form.cleaned_data
        try:
            _token, text = tokens.issue(
                request.user, request.org, data["name"], data["scopes"], form.expires_at()
            )
            form = TokenForm(role, auto_id="token-%s")
        except ValueError:
            form.add_error(None, _("Your role was changed just now. Load this page again, then choose anew."))
    return _page(request, form, text, status=422 if form.is_bound else 200)


@never_cache
@require_POST
@require("token.manage")
@sure
@limited("token")
def rotate(request: OrgRequest, pk: UUID) -> HttpResponse:
    """A new text for one's own token, in this one answer only; an admin can't take over somebody else's."""
    token = get_object_or_404(_tokens(request), pk=pk, user=request.user)
    text = tokens.rotate(token)
    return _page(request, TokenForm(Role(request.membership.role), auto_id="token-%s"), text)


def _page(request: OrgRequest, form: TokenForm, text: str, status: int = 200) -> HttpResponse:
    context = _shown(request) | {
        "form": form,
        "text": text,
        "is_member": not request.membership._state.adding,
        "manual_url": platform_url("api:openapi-view"),
    }
    return render(request, "orgs/tokens.html", context, status=status)


@require_POST
@require("token.manage")
def revoke(request: OrgRequest, pk: UUID) -> HttpResponse:
    token = get_object_or_404(_tokens(request), pk=pk)
    tokens.revoke(token)
    if not wants_fragment(request):
        return redirect("orgs:tokens")
    response = render(request, "orgs/_tokens.html", _shown(request))
    return add_toast(response, _("The token %(name)s is dead.") % {"name": token.name})


def _wished(request: OrgRequest, role: Role) -> dict[str, Any]:
    """What another page has filled in: ?name=…&scope=…&scope=…, within what the role allows."""
    scopes = [scope for scope in request.GET.getlist("scope") if scope in scopes_of(role)]
    return {"name": request.GET.get("name", "")[:60], "scopes": scopes}


def _tokens(request: OrgRequest) -> "QuerySet[ApiToken]":
    """Those that this person may see and revoke."""
    here = ApiToken.objects.filter(org=request.org).select_related("user").order_by("-created_at")
    return here if may(request, "member.manage") else here.filter(user=request.user)


def _shown(request: OrgRequest) -> dict[str, Any]:
    return {"tokens": _tokens(request), "sees_all": may(request, "member.manage"), "now": timezone.now()}
