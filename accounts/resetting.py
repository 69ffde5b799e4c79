"""Resetting a forgotten password by a link that is mailed and works once."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.trail import record

from .changing import change_password
from .limits import PAUSE_S, begin_try
from .mailing import compose
from .models import PasswordReset, User

VALID_FOR = timedelta(hours=1)
# Within limits.PAUSE_S. Mails to one person are few, but their links all work until one is used, so that
# a stranger who asks for them can't keep the person out.
ASKED_FOR_ONE, ASKED_FROM_ADDRESS, MAILED_TO_ONE = 3, 20, 6


def digest_of(link: str) -> bytes:
    """Of a 256-bit random text; nothing slow is needed against guessing that."""
    return hashlib.sha256(link.encode()).digest()


def may_ask(email: str, address: str) -> bool:
    """Count a wish for a link; False where there were too many from this address."""
    return begin_try(email, address, "reset", ASKED_FOR_ONE, ASKED_FROM_ADDRESS).is_allowed


def mail_link(email: str, path: str, language: str) -> bool:
    """Mail a link to whoever has an open account with `email`; LINK in `path` is where it goes.

    Runs behind the request, which takes the same time and says the same whether there is such a person.
    """
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    since = timezone.now() - timedelta(seconds=PAUSE_S)
    if user is None or PasswordReset.objects.filter(user=user, created_at__gt=since).count() >= MAILED_TO_ONE:
        return False
    link = secrets.token_urlsafe(32)
    with transaction.atomic():
        PasswordReset.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
        PasswordReset.objects.create(user=user, digest=digest_of(link), expires_at=timezone.now() + VALID_FOR)
        record("account.reset_ask", user)
    whole = f"{settings.PUBLIC_URL.rstrip('/')}{path.replace('LINK', link)}"
    values = {"person": str(user), "link": whole, "minutes": str(int(VALID_FOR.total_seconds() // 60))}
    compose("reset", user.email, values, language).send()
    return True


def find(link: str) -> PasswordReset | None:
    """The open reset of a link; None if it was used, is too old, or the account is closed."""
    rows = PasswordReset.objects.select_related("user")
    return rows.filter(digest=digest_of(link), expires_at__gt=timezone.now(), user__is_active=True).first()


def use(reset: PasswordReset, password: str) -> bool:
    """Set the checked `password`; False if another request has used the link in the meantime."""
    with transaction.atomic():
        if not PasswordReset.objects.filter(pk=reset.pk).delete()[0]:
            return False
        record("account.reset", reset.user)
        change_password(reset.user, password)
    return True
