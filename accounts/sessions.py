"""The browsers somebody is signed in with: beginning, seeing and ending them.

The server's side of a session is Django's; a row beside it says whose it is and where it was last seen.
Whatever ends a session deletes both, so that its cookie is worth nothing from then on.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from audit.trail import Actor, acting, record

from .clients import address_of, device_in_words
from .models import Session, User
from .session_store import SessionStore

SEEN_EVERY_S = 5 * 60
# How long a proof of who one is lets one do what is dangerous.
SURE_FOR_S = 10 * 60
TRUSTED_DEVICE = "trusted device"
ROW, BEGAN, SEEN, SURE = "session_row", "session_began", "session_seen", "sure_at"


def sign_in(request: HttpRequest, user: User, how: str = "password") -> None:
    """Sign `user` in after every step was passed; `how` is for the audit."""
    for name in (ROW, BEGAN, SEEN, SURE):
        request.session.pop(name, None)
    login(request, user)
    begin(request.session, user, request.META.get("REMOTE_ADDR", ""), request.headers.get("User-Agent", ""))
    if how == TRUSTED_DEVICE:
        # The second step was spared, not passed: what is dangerous asks for it.
        request.session[SURE] = 0
    with acting(Actor(user.pk, str(user), "session", request.META.get("REMOTE_ADDR"))):
        record("account.sign_in", user, after={"how": how})


def begin(session: SessionBase, user: User, address: str = "", agent: str = "") -> Session:
    """Note a session that has just been signed in."""
    if not session.session_key:
        session.save()
    now, place = time.time(), address_of(address)
    Session.objects.filter(user=user, seen_at__lt=_oldest()).delete()
    values = {"user": user, "seen_at": timezone.now(), "address": str(place) if place else None}
    row, _is_new = Session.objects.update_or_create(
        key=session.session_key, defaults={**values, "agent": agent[:300]}
    )
    session.update({ROW: str(row.pk), BEGAN: now, SEEN: now, SURE: now})
    return row


def change_hash(request: HttpRequest, user: User) -> None:
    """Keep this session alive over a change of the password; it gets a new key."""
    update_session_auth_hash(request, user)
    Session.objects.filter(pk=row_of(request)).update(key=request.session.session_key)


def sign_out(request: HttpRequest) -> None:
    if request.user.is_authenticated:
        record("account.sign_out", request.user)
        Session.objects.filter(pk=row_of(request)).delete()
    logout(request)


def of(user: User) -> list[Session]:
    """Those that are still alive, the one seen last first."""
    return list(Session.objects.filter(user=user, seen_at__gt=_oldest()).order_by("-seen_at"))


def _oldest() -> datetime:
    """What was seen before this has ended for want of use."""
    return timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)


def was_seen_at(email: str, address: str) -> bool:
    """Whether the person is signed in, or was until lately, at this address."""
    place = address_of(address)
    return (
        place is not None and Session.objects.filter(user__email__iexact=email, address=str(place)).exists()
    )


def end(row: Session) -> None:
    """Sign one browser out, whichever it is."""
    with transaction.atomic():
        record(
            "account.session_end",
            row.user,
            before={"device": device_in_words(row.agent), "from": row.address},
        )
        _end([row])


def end_all(user: User, but: str | None = None) -> int:
    """Sign all browsers of `user` out, less the one whose row is `but`; return how many."""
    rows = list(Session.objects.filter(user=user).exclude(pk=but or UUID(int=0)))
    _end(rows)
    return len(rows)


def _end(rows: list[Session]) -> None:
    def forget() -> None:
        for row in rows:
            SessionStore(row.key).delete()

    Session.objects.filter(pk__in=[row.pk for row in rows]).delete()
    forget()
    # The cache takes part in no transaction: a request in between may have filled it again.
    transaction.on_commit(forget)


def row_of(request: HttpRequest) -> str:
    """The id of this browser's row; one that no row has if nobody is signed in."""
    return str(request.session.get(ROW) or UUID(int=0))


def is_sure(session: SessionBase) -> bool:
    """Whether the person has lately proved who they are."""
    return time.time() - float(session.get(SURE, 0)) < SURE_FOR_S


class SessionLimits:
    """End sessions that are too old or were ended elsewhere, and note every few minutes that one was seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated and not keep_up(request):
            logout(request)
        return self.get_response(request)


def keep_up(request: HttpRequest) -> bool:
    """Note that the session is used; False if it has come to its end."""
    session, now = request.session, time.time()
    if ROW not in session:
        # Signed in by something else than our pages: it is listed from now on, and proves nothing.
        agent = request.headers.get("User-Agent", "")
        begin(session, request.user, request.META.get("REMOTE_ADDR", ""), agent)  # type: ignore[arg-type]
        session[SURE] = 0
        return True
    if now - float(session.get(BEGAN, 0)) > settings.SESSION_MOST_S:
        Session.objects.filter(pk=session[ROW]).delete()
        return False
    if now - float(session.get(SEEN, 0)) < SEEN_EVERY_S:
        return True
    # Saving the session also puts off the day on which it ends for want of use.
    session[SEEN] = now
    place = address_of(request.META.get("REMOTE_ADDR", ""))
    seen = {"seen_at": timezone.now(), "address": str(place) if place else None}
    return bool(Session.objects.filter(pk=session[ROW], user=request.user.pk).update(**seen))
