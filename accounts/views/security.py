"""How one signs in, and where one is signed in."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import factors, passkeys, sessions, trusting
from accounts.clients import device_in_words
from accounts.forms import PasskeyForm
from accounts.models import Session, User
from audit.trail import record


@never_cache
@login_required
@require_GET
def security(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/security.html", _shown(request))


@login_required
@require_POST
def session_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = cast(User, request.user)
    sessions.end(get_object_or_404(Session, pk=pk, user=user))
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:security")


@login_required
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """End all sessions but the one that asks."""
    user = cast(User, request.user)
    ended = sessions.end_all(user, but=sessions.row_of(request))
    record("account.sessions_end", user, after={"ended": ended})
    said = ngettext("%(count)s other device is signed out.", "%(count)s other devices are signed out.", ended)
    messages.success(request, said % {"count": ended})
    return redirect("accounts:security")


def _shown(request: HttpRequest) -> dict[str, Any]:
    user = cast(User, request.user)
    here = sessions.row_of(request)
    rows = [(row, device_in_words(row.agent), str(row.pk) == here) for row in sessions.of(user)]
    return {
        "sessions": sorted(rows, key=lambda row: not row[2]),
        "person": user,
        "has_app": factors.has_authenticator(user),
        "codes_left": factors.codes_left(user),
        "passkeys": passkeys.of(user),
        "passkey_form": PasskeyForm(auto_id="passkey-%s"),
        "no_passkeys": passkeys.why_not_here(request),
        "trusted": [(one, device_in_words(one.agent)) for one in trusting.of(user)],
    }
