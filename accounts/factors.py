"""The second step of signing in: what a person has for it, turning it on and off, and taking a code once."""

import hashlib
import secrets
import time
import unicodedata

from django.db import transaction
from django.utils import timezone

from audit.trail import record

from . import sessions, totp
from .models import Authenticator, Passkey, RecoveryCode, TrustedDevice, User
from .sealing import WrongKey, open_sealed, seal
from .telling import notify

CODES = 10
# Without what one confuses in print; 16 of these are 80 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def digits_of(text: str) -> str:
    """A code without what people put between its parts; wide digits of Japanese keyboards count."""
    plain = unicodedata.normalize("NFKC", text[:200]).lower()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())[:64]


def add_authenticator(user: User, secret: str, code: str, here: str) -> list[str] | None:
    """Use `secret` from now on; answers the recovery codes that come with a first factor.

    None if `code` is not of the secret. Sessions but `here` end: they never passed a second step.
    """
    step = totp.step_of(secret, digits_of(code), time.time())
    if step is None:
        return None
    values = {"secret": seal(secret), "last_step": step}
    with transaction.atomic():
        Authenticator.objects.update_or_create(user=user, defaults=values)
        record("account.authenticator_add", user)
        if user.mfa_since is not None:
            notify(user, "authenticator")
        return note_added(user, here)


def remove_authenticator(user: User) -> None:
    with transaction.atomic():
        if Authenticator.objects.filter(user=user).delete()[0]:
            record("account.authenticator_remove", user)
            note_removed(user)


def note_added(user: User, here: str) -> list[str]:
    """Turn the second step on with the first factor; answers the recovery codes, else nothing."""
    _take_turns(user)
    if user.mfa_since is not None:
        return []
    user.mfa_since = timezone.now()
    user.save(update_fields=["mfa_since"])
    sessions.end_all(user, but=here)
    record("account.mfa_on", user)
    notify(user, "mfa_on")
    return _new_codes(user)


def note_removed(user: User) -> None:
    """Turn the second step off with the last factor."""
    _take_turns(user)
    if has_authenticator(user) or Passkey.objects.filter(user=user).exists():
        return
    _forget(user)
    record("account.mfa_off", user)
    notify(user, "mfa_off")


def reset(user: User) -> None:
    """Take every factor off a person who lost them; their sessions end, and they are told."""
    with transaction.atomic():
        _take_turns(user)
        Authenticator.objects.filter(user=user).delete()
        Passkey.objects.filter(user=user).delete()
        _forget(user)
        sessions.end_all(user)
        record("account.mfa_reset", user)
        notify(user, "mfa_reset")


def _take_turns(user: User) -> None:
    """Hold the person's row until the transaction ends: of two changes at once the second sees the first.

    Else the last two factors, removed at once, would each leave the second step to the other, and on.
    """
    rows = User.objects.select_for_update(no_key=True).values_list("mfa_since", flat=True)
    user.mfa_since = rows.get(pk=user.pk)


def _forget(user: User) -> None:
    RecoveryCode.objects.filter(user=user).delete()
    TrustedDevice.objects.filter(user=user).delete()
    user.mfa_since = None
    user.save(update_fields=["mfa_since"])


def has_authenticator(user: User) -> bool:
    return Authenticator.objects.filter(user=user).exists()


def take_code(user: User, text: str) -> str:
    """ "authenticator" or "recovery code" if `text` is one of `user` that was not used before, else empty."""
    given = digits_of(text)
    if len(given) == totp.DIGITS:
        return "authenticator" if _take_totp(user, given) else ""
    return "recovery code" if _take_recovery(user, given) else ""


def _take_totp(user: User, code: str) -> bool:
    known = Authenticator.objects.filter(user=user).first()
    if known is None:
        return False
    try:
        step = totp.step_of(open_sealed(known.secret), code, time.time())
    except WrongKey:
        return False
    # Of two requests with the same code one changes the row.
    return step is not None and bool(
        Authenticator.objects.filter(pk=known.pk, last_step__lt=step).update(last_step=step)
    )


def _take_recovery(user: User, code: str) -> bool:
    with transaction.atomic():
        if not RecoveryCode.objects.filter(user=user, digest=_digest_of(code)).delete()[0]:
            return False
        record("account.recovery_use", user, after={"left": codes_left(user)})
        notify(user, "recovery_used")
    return True


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user).count()


def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes, shown once; the old ones are void."""
    with transaction.atomic():
        record("account.recovery_renew", user)
        notify(user, "recovery")
        return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    texts = ["".join(secrets.choice(LETTERS) for _ in range(16)) for _ in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest_of(text)) for text in texts)
    return ["-".join(text[start : start + 4] for start in range(0, 16, 4)) for text in texts]


def _digest_of(code: str) -> bytes:
    """Of 79 random bits; nothing slow is needed against guessing that."""
    return hashlib.sha256(code.encode()).digest()
