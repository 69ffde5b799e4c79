"""Browsers that are not asked for the second step for some days."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from audit.trail import record

from .models import TrustedDevice, User

COOKIE = f"{settings.COOKIE_PREFIX}odin_device"


def is_offered() -> bool:
    return settings.REMEMBER_DEVICE_DAYS > 0


def trust(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Give this browser a secret of its own that stands for the second step of `user`."""
    text, lasts = secrets.token_urlsafe(32), timedelta(days=settings.REMEMBER_DEVICE_DAYS)
    until = timezone.now() + lasts
    agent = request.headers.get("User-Agent", "")[:300]
    TrustedDevice.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
    TrustedDevice.objects.create(user=user, digest=_digest_of(text), expires_at=until, agent=agent)
    record("account.device_trust", user, after={"until": until})
    response.set_cookie(
        COOKIE, text, max_age=lasts, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
    )


def is_trusted(request: HttpRequest, user: User) -> bool:
    text = request.COOKIES.get(COOKIE, "")
    return bool(text) and _alive(user).filter(digest=_digest_of(text)).exists()


def of(user: User) -> list[TrustedDevice]:
    return list(_alive(user).order_by("-created_at"))


def _alive(user: User) -> "QuerySet[TrustedDevice]":
    """A deployment that allows fewer days than before, or none, means the devices of before as well."""
    now, longest = timezone.now(), timedelta(days=settings.REMEMBER_DEVICE_DAYS)
    return TrustedDevice.objects.filter(user=user, expires_at__gt=now, created_at__gt=now - longest)


def forget(user: User) -> None:
    """All of them ask for the second step again."""
    TrustedDevice.objects.filter(user=user).delete()
    record("account.devices_forget", user)


def _digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
