"""API tokens: making, finding and ending them."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.trail import record

from .models import ApiToken, Membership, Org
from .roles import Role, scopes_of

PREFIX = "odin_"
LOOKUP_LENGTH = 12
USE_NOTED_EVERY = timedelta(minutes=1)


def digest_of(secret: str) -> bytes:
    """Of a 256-bit random secret; nothing slow is needed against guessing that."""
    return hashlib.sha256(secret.encode()).digest()


def issue(
    user: User, org: Org, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown once and kept nowhere.

    ValueError if a scope is more than the person's role has, none is given, or they are no member.
    """
    wanted = list(dict.fromkeys(scopes))
    text, key = _new_key()
    values = {**key, "scopes": wanted, "expires_at": expires_at}
    with transaction.atomic():
        # Held, so that who is removed just now leaves no token behind.
        membership = Membership.objects.select_for_update().filter(user=user, org=org).first()
        if membership is None:
            raise ValueError("not a member")
        if not wanted or not set(scopes_of(Role(membership.role))).issuperset(wanted):
            raise ValueError("scopes beyond the role, or none")
        token = ApiToken.objects.create(user=user, org=org, name=name, **values)
        record("token.issue", token, after={"scopes": wanted, "expires_at": expires_at})
    return token, text


def rotate(token: ApiToken) -> str:
    """A new text for a token, which lasts as long again as it was made for; the old one is dead at once.

    Name and scopes stay: what the person's role no longer allows, the new text does not open either.
    ApiToken.DoesNotExist if it was just revoked.
    """
    text, key = _new_key()
    with transaction.atomic():
        fresh = ApiToken.objects.select_for_update().get(pk=token.pk)
        now = timezone.now()
        lasts = fresh.expires_at - (fresh.rotated_at or fresh.created_at) if fresh.expires_at else None
        values = {**key, "rotated_at": now, "expires_at": now + lasts if lasts else None}
        for name, value in values.items():
            setattr(fresh, name, value)
        fresh.save(update_fields=list(values))
        record("token.rotate", fresh, after={"expires_at": fresh.expires_at})
    return text


def _new_key() -> tuple[str, dict[str, Any]]:
    """A random text, and what is kept of it."""
    lookup, secret = secrets.token_hex(LOOKUP_LENGTH // 2), secrets.token_urlsafe(32)
    return f"{PREFIX}{lookup}{secret}", {"lookup": lookup, "digest": digest_of(secret)}


def find(text: str) -> ApiToken | None:
    """The living token of `text`, with its person and organisation; None if there is none."""
    # Basic's base64 can bring any character; the database can't even be asked for some.
    if not text.startswith(PREFIX) or len(text) > 200 or not (text.isascii() and text.isprintable()):
        return None
    lookup, secret = text[len(PREFIX) :][:LOOKUP_LENGTH], text[len(PREFIX) + LOOKUP_LENGTH :]
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    token = (
        ApiToken.objects.select_related("user", "org__access")
        .filter(alive, lookup=lookup, user__is_active=True)
        .first()
    )
    if token is None or not compare_digest(bytes(token.digest), digest_of(secret)):
        return None
    return token


def note_use(token: ApiToken, address: str | None) -> None:
    """Remember when and from where, at most once a minute: a busy script is no reason to write each time."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now, last_used_from=address)


def revoke(token: ApiToken) -> None:
    with transaction.atomic():
        record("token.revoke", token, before={"person": str(token.user), "scopes": token.scopes})
        token.delete()
