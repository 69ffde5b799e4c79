"""The second step of a sign-in, and signing in with a passkey alone."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import factors, halfway, passkeys, proving, sessions, trusting
from accounts.forms import SignInForm, too_many
from accounts.limits import begin_try, told_to_wait
from audit.trail import record
from orgs.addresses import platform_url

from .signing_in import next_of, wanted_next


@sensitive_post_parameters(*proving.FIELDS)
@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    half = halfway.find(request)
    if half is None:
        halfway.drop(request)
        return HttpResponseRedirect(platform_url("accounts:sign_in"))
    proof = proving.Proof()
    if request.method == "POST":
        proof = proving.prove(request, half.user)
        if proof.how:
            return _arrive(request, half, proof.how)
    context = {
        "person": half.user,
        "error": proof.error,
        "takes_passkey": passkeys.has_any(half.user),
        "takes_app": factors.has_authenticator(half.user),
        "days": settings.REMEMBER_DEVICE_DAYS,
    }
    status = 429 if proof.is_paused else 422 if proof.error else 200
    response = render(request, "accounts/second_step.html", context, status=status)
    return told_to_wait(response) if proof.is_paused else response


def _arrive(request: HttpRequest, half: halfway.Halfway, how: str) -> HttpResponse:
    halfway.drop(request)
    sessions.sign_in(request, half.user, how)
    response = HttpResponseRedirect(half.after)
    if trusting.is_offered() and request.POST.get("trust"):
        trusting.trust(request, response, half.user)
    return response


@never_cache
@require_POST
def passkey_challenge(request: HttpRequest) -> HttpResponse:
    """What the browser's key is to sign: for the person signed in or halfway there, or for whoever comes."""
    half = halfway.find(request)
    user = request.user if request.user.is_authenticated else half.user if half else None
    is_alone = user is None or "alone" in request.GET
    address = request.META.get("REMOTE_ADDR", "")
    if is_alone and not begin_try("", address, "passkey", 60, 60).is_allowed:
        return told_to_wait(HttpResponse(too_many(), status=429, content_type="text/plain"))
    text = passkeys.options_to_show(request, None if is_alone else user)
    return HttpResponse(text, content_type="application/json")


@never_cache
@require_POST
def passkey_enter(request: HttpRequest) -> HttpResponse:
    """A passkey that has verified its person is both steps at once."""
    after = next_of(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(after)
    attempt = begin_try("", request.META.get("REMOTE_ADDR", ""), "passkey-shown", 60, 60)
    if not attempt.is_allowed:
        return told_to_wait(_not_accepted(request, too_many(), 429))
    key = passkeys.check(request, request.POST.get("proof_passkey", ""), None)
    if key is not None:
        attempt.succeeded()
        halfway.drop(request)
        sessions.sign_in(request, key.user, "passkey")
        return HttpResponseRedirect(after)
    record("account.sign_in_refused", after={"how": "passkey"})
    words = _("This passkey was not accepted. Try again, or sign in with your password.")
    return _not_accepted(request, words, 422)


def _not_accepted(request: HttpRequest, words: str, status: int) -> HttpResponse:
    form = SignInForm(request, is_asked=False)
    context = {"form": form, "next": wanted_next(request), "passkey_error": words}
    return render(request, "accounts/sign_in.html", context, status=status)
