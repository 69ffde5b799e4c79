"""One's own name and password."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.changing import change_password, rename
from accounts.forms import ChangePasswordForm, NameForm
from accounts.limits import told_to_wait
from accounts.models import User
from accounts.password_rule import CLAUSES


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
    form = ChangePasswordForm(user, request.META.get("REMOTE_ADDR", ""), request.POST)
    if form.is_valid():
        change_password(user, form.cleaned_data["new"], but=sessions.row_of(request))
        sessions.change_hash(request, user)
        messages.success(request, _("Your password is changed. All other sessions are signed out."))
        return redirect("accounts:profile")
    context = {"name_form": NameForm(instance=user), "password_form": form, "clauses": CLAUSES}
    status = 429 if form.is_paused else 422
    response = render(request, "accounts/profile.html", context, status=status)
    return told_to_wait(response) if form.is_paused else response
