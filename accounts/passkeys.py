"""Passkeys: WebAuthn's two ceremonies, of adding a key and of showing that one has it.

A challenge belongs to one session and one purpose, and is gone with the first answer, right or wrong.
"""

import time
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from audit.trail import Actor, acting, record

from . import factors
from .models import Passkey, User
from .telling import notify

CHALLENGE = "passkey_challenge"
LASTS_S = 5 * 60
MOST = 20
ADD, PROVE, ENTER = "add", "prove", "enter"
# What an answer of any shape, also nested without end, may make the library raise.
UNSOUND = (WebAuthnException, ValueError, TypeError, KeyError, RecursionError)


def why_not_here(request: HttpRequest) -> bool:
    """Whether browsers refuse passkeys at this address: they want a name, not a number."""
    try:
        ip_address(_name_of(request).strip("[]"))
    except ValueError:
        return False
    return True


def has_any(user: User) -> bool:
    return Passkey.objects.filter(user=user).exists()


def of(user: User) -> list[Passkey]:
    return list(Passkey.objects.filter(user=user).order_by("created_at"))


def options_to_add(request: HttpRequest, user: User) -> str:
    """What the browser is asked to make, as JSON."""
    options = generate_registration_options(
        rp_id=_name_of(request),
        rp_name="O.D.I.N.",
        user_id=user.pk.bytes,
        user_name=user.email,
        user_display_name=str(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(user),
    )
    _keep(request, options.challenge, ADD)
    return options_to_json(options)


def options_to_show(request: HttpRequest, user: User | None) -> str:
    """What the browser is asked to sign; without a `user` the key itself says whose it is."""
    wanted = UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED
    options = generate_authentication_options(
        rp_id=_name_of(request),
        allow_credentials=_descriptors(user) if user else None,
        user_verification=wanted,
    )
    _keep(request, options.challenge, PROVE if user else ENTER)
    return options_to_json(options)


def add(request: HttpRequest, user: User, answer: str, name: str, here: str) -> list[str] | None:
    """Add the key in the browser's `answer`; recovery codes come with a first factor.

    None if it is unsound.
    """
    challenge = _spend(request, ADD)
    if not challenge or Passkey.objects.filter(user=user).count() >= MOST:
        return None
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_name_of(request),
            expected_origin=_origins(request),
        )
        with transaction.atomic():
            key = Passkey.objects.create(
                user=user,
                name=name,
                credential=verified.credential_id,
                public_key=verified.credential_public_key,
                sign_count=verified.sign_count,
            )
            record("account.passkey_add", key)
            if user.mfa_since is not None:
                notify(user, "passkey")
            return factors.note_added(user, here)
    except (*UNSOUND, IntegrityError):
        return None


def check(request: HttpRequest, answer: str, user: User | None) -> Passkey | None:
    """The key that signed this browser's challenge, of `user` or, without one, of whoever it belongs to.

    Without a user it is the whole sign-in, so the key must have verified the person (finger, face or PIN).
    """
    challenge = _spend(request, PROVE if user else ENTER)
    key = _key_of(answer, user) if challenge else None
    if key is None:
        return None
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_name_of(request),
            expected_origin=_origins(request),
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=user is None,
        )
    except UNSOUND as reason:
        if "sign count" in str(reason):
            # Two devices count for one key: it was copied.
            with acting(Actor(key.user_id, str(key.user), "session", request.META.get("REMOTE_ADDR"))):
                record("account.passkey_copied", key)
        return None
    used = {"sign_count": verified.new_sign_count, "used_at": timezone.now()}
    # Of two answers at once, one changes the row.
    same = Passkey.objects.filter(pk=key.pk, sign_count=key.sign_count)
    return key if same.update(**used) else None


def rename(key: Passkey, name: str) -> None:
    before, key.name = key.name, name
    with transaction.atomic():
        key.save(update_fields=["name"])
        record("account.passkey_rename", key, before={"name": before}, after={"name": name})


def remove(key: Passkey) -> None:
    with transaction.atomic():
        record("account.passkey_remove", key)
        key.delete()
        factors.note_removed(key.user)


def _key_of(answer: str, user: User | None) -> Passkey | None:
    try:
        shown = parse_authentication_credential_json(answer)
    except UNSOUND:
        return None
    known = Passkey.objects.select_related("user").filter(credential=shown.raw_id, user__is_active=True)
    return (known.filter(user=user) if user else known).first()


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=bytes(key.credential)) for key in of(user)]


def _keep(request: HttpRequest, challenge: bytes, purpose: str) -> None:
    text = bytes_to_base64url(challenge)
    request.session[CHALLENGE] = {"text": text, "at": time.time(), "for": purpose}


def _spend(request: HttpRequest, purpose: str) -> bytes:
    """The challenge that was given for `purpose`, which is gone with this; empty if there is none."""
    kept = request.session.pop(CHALLENGE, None)
    if not kept or kept["for"] != purpose or time.time() - kept["at"] > LASTS_S:
        return b""
    return base64url_to_bytes(kept["text"])


def _name_of(request: HttpRequest) -> str:
    """The host's name, which is checked against ALLOWED_HOSTS, without the port."""
    return urlsplit(f"//{request.get_host()}").hostname or ""


def _origins(request: HttpRequest) -> list[str]:
    """Where our own pages are: as this request came, and PUBLIC_URL where a proxy hides the scheme."""
    public = urlsplit(settings.PUBLIC_URL)
    ours = [f"{request.scheme}://{request.get_host()}"]
    return [*ours, f"{public.scheme}://{public.netloc}"] if public.hostname == _name_of(request) else ours
