"""People with a second step."""

import time

from accounts import factors, totp
from accounts.models import Authenticator, User
from accounts.sealing import open_sealed


def with_app(user: User) -> list[str]:
    """Set up an authenticator app for `user`; answers the recovery codes."""
    secret = totp.new_secret()
    codes = factors.add_authenticator(user, secret, totp.code_at(secret, time.time()), "0" * 32)
    assert codes is not None
    return codes


def next_code(user: User) -> str:
    """A code of the app that was not used yet: the used one's successor, as apps show it a step early."""
    kept = Authenticator.objects.get(user=user)
    Authenticator.objects.filter(pk=kept.pk).update(last_step=int(time.time()) // totp.STEP_S - 2)
    return totp.code_at(open_sealed(kept.secret), time.time())
