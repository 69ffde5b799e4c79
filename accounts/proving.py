"""Proving who one is: at the second step of signing in, and again before something dangerous."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit.trail import record

from . import factors, passkeys
from .limits import begin_try, is_within
from .models import User

# The form fields that a proof comes in.
FIELDS = ("proof_code", "proof_passkey", "proof_password")
# From one address as for passwords; from all together too, as whoever comes here knows the password.
TRIES_AT_PERSON = 15


@dataclass(frozen=True)
class Proof:
    """`how` it was proved, for the audit; else `error` in words."""

    how: str = ""
    error: str = ""
    is_paused: bool = False


def prove(request: HttpRequest, user: User) -> Proof:
    """Take the proof in a request: a code or a passkey; the password of somebody who has neither."""
    attempt = begin_try(str(user.pk), request.META.get("REMOTE_ADDR", ""), "second-step")
    if not (attempt.is_allowed and is_within(f"second-step:all:{user.pk}", TRIES_AT_PERSON)):
        return Proof(
            error=_("Too many wrong tries. Wait a quarter of an hour, then try again."), is_paused=True
        )
    proof = _look(request, user)
    if proof.how:
        attempt.succeeded()
    else:
        record("account.proof_refused", user)
    return proof


def _look(request: HttpRequest, user: User) -> Proof:
    if user.mfa_since is None:
        if user.check_password(request.POST.get("proof_password", "")[:128]):
            return Proof("password")
        return Proof(error=_("This is not your password."))
    if answer := request.POST.get("proof_passkey"):
        if passkeys.check(request, answer, user) is not None:
            return Proof("passkey")
        return Proof(error=_("This passkey was not accepted. Try again, or use a code."))
    if how := factors.take_code(user, request.POST.get("proof_code", "")):
        return Proof(how)
    return Proof(error=_("This code is not right, or was used already. Wait for the next one."))
