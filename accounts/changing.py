"""Changes to a person's account, each a line of the audit trail."""

from django.db import transaction

from audit.trail import record

from . import sessions
from .models import PasswordReset, TrustedDevice, User
from .telling import notify


def rename(user: User, name: str) -> None:
    before = user.name
    user.name = name
    with transaction.atomic():
        user.save(update_fields=["name"])
        record("account.rename", user, before={"name": before}, after={"name": name})


def change_password(user: User, password: str, but: str | None = None) -> None:
    """Set a password that was checked by the rule.

    All sessions end, less the one whose row is `but`; so do open reset links and the trust in devices.
    """
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        PasswordReset.objects.filter(user=user).delete()
        TrustedDevice.objects.filter(user=user).delete()
        sessions.end_all(user, but)
        record("account.password", user)
    notify(user, "password")
