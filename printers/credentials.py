"""Secrets of printers, encrypted in the database and opened only to talk to them."""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext as _

from printers.drivers.driver import DriverError, Trouble


class CannotOpen(DriverError):
    """A stored secret was sealed with another key than the present one."""

    def __init__(self) -> None:
        super().__init__(
            Trouble.CREDENTIALS,
            _("The server's key has changed since this was saved. Enter the printer's secret again."),
        )


def seal(text: str) -> str:
    """`text` as it may lie in the database; empty stays empty."""
    return _fernet(settings.FIELD_KEY).encrypt(text.encode()).decode() if text else ""


def open_sealed(text: str) -> str:
    """What `seal` was given; CannotOpen if the server's key is another one now."""
    if not text:
        return ""
    try:
        return _fernet(settings.FIELD_KEY).decrypt(text).decode()
    except InvalidToken:
        raise CannotOpen from None


@cache
def _fernet(key: str) -> Fernet:
    return Fernet(key)
