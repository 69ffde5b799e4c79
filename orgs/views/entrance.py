"""Outside every organisation: set-up, choosing and creating one, accepting an invitation."""

from dataclasses import replace
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import sessions
from accounts.models import User
from accounts.password_rule import CLAUSES
from audit.trail import acting, actor
from demo import filling
from orgs import creating, inviting
from orgs.addresses import org_root
from orgs.context import closed_of, orgs_of
from orgs.forms import JoinForm, SetUpForm
from orgs.models import Invitation


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The one page of an empty server; 404 for ever after, 409 for whoever was second by a moment."""
    if creating.is_set_up():
        return render(request, "orgs/already_set_up.html", status=404)
    form = SetUpForm(request.POST or None, offer_demo=filling.available())
    if not form.is_valid():
        context = {"form": form, "clauses": CLAUSES}
        return render(request, "orgs/set_up.html", context, status=422 if form.is_bound else 200)
    admin, data = form.person(), form.cleaned_data
    try:
        with acting(replace(actor(), id=admin.pk, name=str(admin))):
            org = creating.set_up(data["org"], admin, time_zone=data["time_zone"], currency=data["currency"])
    except creating.AlreadySetUp:
        return render(request, "orgs/already_set_up.html", status=409)
    if data.get("demo"):
        filling.request(org)
    sessions.sign_in(request, admin, "set-up")
    return HttpResponseRedirect(org_root(org))


@login_required
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Go to the only organisation or the last one used; to the list if there is neither."""
    last = request.session.get("last_org", "")
    there = (orgs_of(request, only=last) if last else []) or orgs_of(request)
    return HttpResponseRedirect(org_root(there[0])) if len(there) == 1 else redirect("orgs:list")


@login_required
@require_GET
def org_list(request: HttpRequest) -> HttpResponse:
    """A person's organisations; a superadmin is shown all there are."""
    if cast(User, request.user).is_superadmin:
        return redirect("orgs:platform")
    rows = [(org, org_root(org)) for org in orgs_of(request)]
    return render(request, "orgs/org_list.html", {"rows": rows, "closed": closed_of(request)})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, link: str) -> HttpResponse:
    """What the invited person sees: join with the account signed in, sign in, or make an account."""
    invitation = inviting.find(link)
    if invitation is None:
        return render(request, "orgs/invitation_gone.html", status=404)
    if request.user.is_authenticated:
        return _accept_signed_in(request, invitation, link)
    if inviting.account_of(invitation) is not None:
        context = {"invitation": invitation, "next": request.path}
        return render(request, "orgs/accept_sign_in.html", context)
    return _accept_as_new(request, invitation)


@require_POST
def accept_as_other(request: HttpRequest, link: str) -> HttpResponse:
    """Sign out, to accept as the invited person."""
    sessions.sign_out(request)
    return redirect("orgs:accept", link)


def _accept_signed_in(request: HttpRequest, invitation: Invitation, link: str) -> HttpResponse:
    user = cast(User, request.user)
    refusal = ""
    if request.method == "POST":
        try:
            membership = inviting.accept(invitation, user)
            return HttpResponseRedirect(org_root(membership.org))
        except inviting.NotInvited as reason:
            refusal = str(reason)
    is_other = user.email.lower() != invitation.email.lower()
    context = {"invitation": invitation, "link": link, "person": user, "is_other": is_other}
    context["refusal"] = refusal
    return render(request, "orgs/accept.html", context, status=409 if refusal else 200)


def _accept_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            membership = inviting.accept_as_new(invitation, data["name"], data["password"])
            sessions.sign_in(request, membership.user, "invitation")
            return HttpResponseRedirect(org_root(membership.org))
        except inviting.NotInvited as reason:
            form.add_error(None, str(reason))
    context = {"invitation": invitation, "form": form, "clauses": CLAUSES}
    return render(request, "orgs/accept_new.html", context, status=422 if form.is_bound else 200)
