"""Changes to a person's account, each a line of the audit trail."""

from django.db import transaction

from audit.trail import Actor, acting, record

from .models import User


def rename(user: User, name: str) -> None:
    before = user.name
    user.name = name
    with transaction.atomic():
        user.save(update_fields=["name"])
        record("account.rename", user, before={"name": before}, after={"name": name})


def change_password(user: User, password: str) -> None:
    """Set a password that was checked by the rule. Sessions hold the old one's hash, so all of them end."""
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        record("account.password", user)


def note_sign_in(user: User, address: str | None) -> None:
    """Note that `user` signed in; until then the request was nobody's."""
    with acting(Actor(user.pk, str(user), "session", address)):
        record("account.sign_in", user)
