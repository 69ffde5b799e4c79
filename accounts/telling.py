"""Mails that tell a person what was done to their account, in case it was not them."""

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.trail import actor

from .models import User

WORDS: dict[str, str | Promise] = {
    "password": _("The password of your account was changed."),
    "mfa_on": _("Two-step sign-in is now on for your account."),
    "mfa_off": _("Two-step sign-in is now off for your account."),
    "mfa_reset": _("An admin has taken the second step off your account. Set it up anew when you sign in."),
    "authenticator": _("An authenticator app was added to your account."),
    "passkey": _("A passkey was added to your account."),
    "recovery": _("Your account has new recovery codes; the old ones are void."),
    "recovery_used": _("Somebody signed in to your account with a recovery code."),
}


def notify(user: User, what: str) -> None:
    """Mail `user` the words for `what`, once the change is certain."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(language):
        values = {"what": str(WORDS[what]), "person": str(user), "address": actor().address or ""}
    mail = ["account", user.email, values, language]
    # By name: the tasks are above us.
    transaction.on_commit(lambda: current_app.send_task("accounts.deliver", args=mail), robust=True)
