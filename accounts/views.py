"""Signing in and out, and one's own account."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit.trail import record
from orgs.addresses import platform_url

from .changing import change_password, note_sign_in, rename
from .forms import ChangePasswordForm, NameForm, SignInForm
from .limits import PAUSE_S
from .models import User
from .password_rule import CLAUSES


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    after = _next_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(after)
    form = SignInForm(request)
    if form.is_valid() and form.user is not None:
        login(request, form.user)
        note_sign_in(form.user, request.META.get("REMOTE_ADDR"))
        return HttpResponseRedirect(after)
    if form.is_bound and not form.is_paused:
        record("account.sign_in_refused", after={"email": form.data.get("email", "")[:254]})
    status = 429 if form.is_paused else 422 if form.is_bound else 200
    response = render(
        request, "accounts/sign_in.html", {"form": form, "next": _wanted(request)}, status=status
    )
    if form.is_paused:
        response["Retry-After"] = str(PAUSE_S)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        record("account.sign_out", request.user)
    logout(request)
    return HttpResponseRedirect(platform_url("accounts:sign_in"))


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    # A copy, so that a refused name is not shown as one's own at the top of the page.
    form = NameForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if form.is_valid():
        rename(user, form.cleaned_data["name"])
        messages.success(request, _("Your name is changed."))
        return redirect("accounts:profile")
    context = {"name_form": form, "password_form": ChangePasswordForm(user), "clauses": CLAUSES}
    return render(request, "accounts/profile.html", context, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@login_required
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = ChangePasswordForm(user, request.POST)
    if form.is_valid():
        change_password(user, form.cleaned_data["new"])
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is changed. All other sessions are signed out."))
        return redirect("accounts:profile")
    context = {"name_form": NameForm(instance=user), "password_form": form, "clauses": CLAUSES}
    return render(request, "accounts/profile.html", context, status=422)


def _next_of(request: HttpRequest) -> str:
    """Where to go after signing in: only ever on this server."""
    wanted = _wanted(request)
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else platform_url("orgs:choose")


def _wanted(request: HttpRequest) -> str:
    return request.POST.get("next", request.GET.get("next", ""))
