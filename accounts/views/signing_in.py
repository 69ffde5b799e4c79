"""Signing in and out."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import halfway, passkeys, sessions, trusting
from accounts.forms import SignInForm
from accounts.limits import told_to_wait
from accounts.models import User
from audit.trail import record
from orgs.addresses import platform_url


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    after = next_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(after)
    form = SignInForm(request)
    if form.is_valid() and form.user is not None:
        return _go_on(request, form.user, after)
    # Only what was counted, or a stranger could write lines without end.
    if form.is_refused:
        record("account.sign_in_refused", after={"email": form.cleaned_data["email"]})
    status = 429 if form.is_paused else 422 if form.is_bound else 200
    context = {
        "form": form,
        "next": wanted_next(request),
        "no_passkeys": passkeys.why_not_here(request),
    }
    response = render(request, "accounts/sign_in.html", context, status=status)
    return told_to_wait(response) if form.is_paused else response


def _go_on(request: HttpRequest, user: User, after: str) -> HttpResponse:
    """Sign in, or ask for the second step where there is one and the browser is not trusted."""
    if user.mfa_since is None or trusting.is_trusted(request, user):
        sessions.sign_in(request, user, sessions.TRUSTED_DEVICE if user.mfa_since else "password")
        return HttpResponseRedirect(after)
    halfway.begin(request, user, after)
    return HttpResponseRedirect(platform_url("accounts:second_step"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.sign_out(request)
    return HttpResponseRedirect(platform_url("accounts:sign_in"))


def next_of(request: HttpRequest) -> str:
    """Where to go after signing in: only ever on this server."""
    wanted = wanted_next(request)
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else platform_url("orgs:choose")


def wanted_next(request: HttpRequest) -> str:
    return request.POST.get("next", request.GET.get("next", ""))
