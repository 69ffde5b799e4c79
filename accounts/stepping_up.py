"""Views that ask a signed-in person once more who they are, before something dangerous."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from audit.trail import record
from ui.fragments import wants_fragment

from . import passkeys, proving, sessions
from .limits import told_to_wait
from .models import User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
View = Callable[Concatenate[R, P], HttpResponse]
MARK = "proof"


def sure(view: View[R, P]) -> View[R, P]:
    """Ask for a fresh proof before a POST, unless one was given in the last ten minutes.

    What was sent is kept in the form that asks, and goes on to the view with the proof: nothing is lost.
    """

    @sensitive_post_parameters(*proving.FIELDS)
    @wraps(view)
    def asked(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        proof = proving.Proof()
        if MARK in request.POST and not sessions.is_sure(request.session):
            proof = proving.prove(request, cast(User, request.user))
            if proof.how:
                request.session[sessions.SURE] = time.time()
                record("account.proof", cast(User, request.user), after={"how": proof.how})
        if not sessions.is_sure(request.session):
            return _ask(request, proof)
        _strip(request)
        return view(request, *args, **kwargs)

    return asked


def _ask(request: HttpRequest, proof: proving.Proof) -> HttpResponse:
    """The question as a page, or as a dialog for a button that htmx sent."""
    ours = {MARK, "csrfmiddlewaretoken", *proving.FIELDS}
    kept = [(name, one) for name, many in request.POST.lists() for one in many if name not in ours]
    user = cast(User, request.user)
    context = {
        "kept": kept,
        "action": request.get_full_path(),
        "person": user,
        "error": proof.error,
        "takes_passkey": passkeys.has_any(user),
    }
    status = 429 if proof.is_paused else 422 if proof.error else 200
    if not wants_fragment(request):
        page = render(request, "accounts/confirm.html", context, status=status)
        return told_to_wait(page) if proof.is_paused else page
    response = render(request, "accounts/_confirm_dialog.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#bulk", "innerHTML"
    return response


def _strip(request: HttpRequest) -> None:
    """The view sees what was meant for it."""
    if MARK in request.POST:
        sent = request.POST.copy()
        for name in (MARK, *proving.FIELDS):
            sent.pop(name, None)
        cast(Any, request).POST = sent
