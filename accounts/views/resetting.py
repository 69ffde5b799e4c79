"""A forgotten password: asking for the link, and using it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import resetting
from accounts.forms import ForgotForm, ResetForm
from accounts.limits import told_to_wait
from accounts.password_rule import CLAUSES
from accounts.tasks import mail_reset
from orgs.addresses import platform_url


@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """The same answer whoever asks for whichever address."""
    form = ForgotForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/forgot.html", {"form": form}, status=422 if form.is_bound else 200)
    email = form.cleaned_data["email"]
    if not resetting.may_ask(email, request.META.get("REMOTE_ADDR", "")):
        form.add_error(
            None, _("That was asked for often. Look into your mail, or wait a quarter of an hour.")
        )
        return told_to_wait(render(request, "accounts/forgot.html", {"form": form}, status=429))
    mail_reset.delay_on_commit(email, platform_url("accounts:reset", "LINK"), get_language())
    return render(request, "accounts/forgot.html", {"form": form, "is_sent": True})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, link: str) -> HttpResponse:
    """Set a new password. Nobody is signed in by it: the second step stays to be passed."""
    found = resetting.find(link)
    if found is None:
        return render(request, "accounts/reset_gone.html", status=404)
    form = ResetForm(request.POST or None)
    if form.is_valid():
        if not resetting.use(found, form.cleaned_data["new"]):
            return render(request, "accounts/reset_gone.html", status=404)
        messages.success(request, _("Your new password is set. Sign in with it."))
        return HttpResponseRedirect(platform_url("accounts:sign_in"))
    context = {"form": form, "clauses": CLAUSES, "person": found.user}
    return render(request, "accounts/reset.html", context, status=422 if form.is_bound else 200)
