"""Who gets in: networks, and whether a second step is required."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.stepping_up import sure
from orgs import access
from orgs.access_forms import MfaForm, NetworksForm
from orgs.models import Access, Membership, Org
from orgs.permissions import require
from orgs.requests import OrgRequest


@require_GET
@require("org.settings")
def access_rules(request: OrgRequest) -> HttpResponse:
    return render(request, "orgs/access.html", _shown(request))


@require_POST
@require("org.settings")
@sure
def access_networks(request: OrgRequest) -> HttpResponse:
    form = NetworksForm(request.POST)
    if form.is_valid() and _saved(request, request.org, form):
        return redirect("orgs:access")
    return render(request, "orgs/access.html", _shown(request) | {"networks_form": form}, status=422)


@require_POST
@require("org.settings")
@sure
def access_mfa(request: OrgRequest) -> HttpResponse:
    form = MfaForm(request.POST)
    if form.is_valid():
        access.save_mfa(request.org, form.cleaned_data["mfa"], form.cleaned_data["mfa_grace_days"])
        messages.success(request, _("The rule is saved."))
        return redirect("orgs:access")
    return render(request, "orgs/access.html", _shown(request) | {"mfa_form": form}, status=422)


@login_required
@require_http_methods(["GET", "POST"])
@sure
def platform_access(request: HttpRequest) -> HttpResponse:
    """From where the whole server is reached; for superadmins."""
    if not cast(User, request.user).is_superadmin:
        raise Http404
    form = NetworksForm(request.POST or None, initial=_written(Access.objects.filter(org=None).first()))
    if "networks" in request.POST and form.is_valid() and _saved(request, None, form):
        return redirect("orgs:platform_access")
    context = {"networks_form": form, "address": request.META.get("REMOTE_ADDR", "")}
    return render(request, "orgs/platform_access.html", context, status=422 if form.is_bound else 200)


def _saved(request: HttpRequest, org: Org | None, form: NetworksForm) -> bool:
    try:
        access.save_networks(org, form.cleaned_data["networks"], request.META.get("REMOTE_ADDR", ""))
    except access.Unsound as reason:
        form.add_error("networks", str(reason))
        return False
    messages.success(request, _("The networks are saved."))
    return True


def _shown(request: OrgRequest) -> dict[str, Any]:
    rules = Access.objects.filter(org=request.org).first()
    people = Membership.objects.filter(org=request.org, user__is_active=True)
    return {
        "networks_form": NetworksForm(initial=_written(rules)),
        "mfa_form": MfaForm(instance=rules),
        "address": request.META.get("REMOTE_ADDR", ""),
        "without": people.filter(user__mfa_since=None).select_related("user").order_by("user__name"),
    }


def _written(rules: Access | None) -> dict[str, str]:
    return {"networks": "\n".join(rules.networks) if rules else ""}
