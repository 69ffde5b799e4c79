"""A sign-in whose password was right and whose second step is still to come.

It lives in the session of the browser that gave the password, for some minutes, and opens nothing: whoever
steals its cookie has a form that asks for a code.
"""

import time
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from .models import User

HALF = "half_sign_in"
LASTS_S = 5 * 60


@dataclass(frozen=True)
class Halfway:
    """`after` is where the person wants to go."""

    user: User
    after: str


def begin(request: HttpRequest, user: User, after: str) -> None:
    # A new key: one that somebody planted in this browser before is of no use.
    request.session.cycle_key()
    proof = user.get_session_auth_hash()
    request.session[HALF] = {"user": str(user.pk), "proof": proof, "at": time.time(), "after": after}


def find(request: HttpRequest) -> Halfway | None:
    """The one of this browser; None if there is none, it is too old, or the password is another one now."""
    kept = request.session.get(HALF)
    if not kept or time.time() - kept["at"] > LASTS_S:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or not constant_time_compare(kept["proof"], user.get_session_auth_hash()):
        return None
    return Halfway(user, kept["after"])


def drop(request: HttpRequest) -> None:
    request.session.pop(HALF, None)
