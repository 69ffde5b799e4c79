"""Turning the second step on and off: the authenticator app, recovery codes, passkeys, trusted devices."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import factors, passkeys, sessions, totp, trusting
from accounts.forms import PasskeyForm
from accounts.models import Passkey, User
from accounts.sealing import WrongKey, open_sealed, seal
from accounts.stepping_up import sure
from ui.codes import code_of

from .signing_in import next_of

SECRET = "new_authenticator"  # noqa: S105  # the name it is kept by


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@sure
def authenticator(request: HttpRequest) -> HttpResponse:
    """The QR code of a new secret, which counts once a code of it was typed in."""
    user, error = cast(User, request.user), ""
    secret = _secret_of(request)
    if request.method == "POST":
        code = request.POST.get("code", "")
        codes = factors.add_authenticator(user, secret, code, sessions.row_of(request))
        if codes is not None:
            request.session.pop(SECRET, None)
            return _added(request, codes, _("Your authenticator app is set up."))
        error = _("This code is not right. Is the phone's clock right? Type the code that the app shows now.")
    context = {
        "code": code_of(totp.uri_of(secret, user.email)),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "error": error,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "is_anew": factors.has_authenticator(user),
        "no_passkeys": passkeys.why_not_here(request),
    }
    return render(request, "accounts/authenticator.html", context, status=422 if error else 200)


@login_required
@require_POST
@sure
def authenticator_remove(request: HttpRequest) -> HttpResponse:
    factors.remove_authenticator(cast(User, request.user))
    messages.success(request, _("The authenticator app is removed."))
    return redirect("accounts:security")


@never_cache
@login_required
@require_POST
@sure
def recovery(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    if user.mfa_since is None:
        return redirect("accounts:security")
    return _shown_once(request, factors.renew_codes(user))


@login_required
@require_POST
def devices_forget(request: HttpRequest) -> HttpResponse:
    trusting.forget(cast(User, request.user))
    messages.success(request, _("Every device is asked for the second step again."))
    return redirect("accounts:security")


@never_cache
@login_required
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    text = passkeys.options_to_add(request, cast(User, request.user))
    return HttpResponse(text, content_type="application/json")


@never_cache
@login_required
@require_POST
@sure
def passkey_add(request: HttpRequest) -> HttpResponse:
    form = PasskeyForm(request.POST)
    codes = None
    if form.is_valid():
        user, answer = cast(User, request.user), request.POST.get("credential", "")
        codes = passkeys.add(request, user, answer, form.cleaned_data["name"], sessions.row_of(request))
    if codes is None:
        messages.error(request, _("The passkey was not added. Try again."))
        return redirect("accounts:security")
    return _added(request, codes, _("The passkey is added."))


@login_required
@require_POST
def passkey_rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    key = get_object_or_404(Passkey, pk=pk, user=cast(User, request.user))
    form = PasskeyForm(request.POST)
    if form.is_valid():
        passkeys.rename(key, form.cleaned_data["name"])
        messages.success(request, _("The passkey is called %(name)s now.") % {"name": key.name})
    else:
        messages.error(request, _("Give the passkey a name of up to 60 characters."))
    return redirect("accounts:security")


@login_required
@require_POST
@sure
def passkey_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = cast(User, request.user)
    key = get_object_or_404(Passkey, pk=pk, user=user)
    key.user = user
    passkeys.remove(key)
    messages.success(request, _("The passkey %(name)s is removed.") % {"name": key.name})
    return redirect("accounts:security")


def _secret_of(request: HttpRequest) -> str:
    """The secret that this browser is shown; the same until it is used, so that a reload costs nothing."""
    try:
        secret = open_sealed(request.session.get(SECRET, ""))
    except WrongKey:
        secret = ""
    if not secret:
        secret = totp.new_secret()
        request.session[SECRET] = seal(secret)
    return secret


def _added(request: HttpRequest, codes: list[str], words: str) -> HttpResponse:
    messages.success(request, words)
    if codes:
        return _shown_once(request, codes)
    return redirect("accounts:security")


def _shown_once(request: HttpRequest, codes: list[str]) -> HttpResponse:
    context: dict[str, Any] = {"codes": codes, "next": next_of(request) if request.POST.get("next") else ""}
    return render(request, "accounts/recovery_codes.html", context)
