"""Secrets as they may lie in the database: encrypted with a key that is not in it."""

from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class OtherKey(Exception):
    """What is to be opened was sealed with another key than the present one."""


def seal(text: str) -> str:
    """`text` as it may lie in the database; empty stays empty."""
    return _fernet(settings.FIELD_KEY).encrypt(text.encode()).decode() if text else ""


def open_sealed(text: str) -> str:
    """What `seal` was given; OtherKey if the server's key is another one now."""
    if not text:
        return ""
    try:
        return _fernet(settings.FIELD_KEY).decrypt(text).decode()
    except InvalidToken:
        raise OtherKey from None


@cache
def _fernet(key: str) -> Fernet:
    return Fernet(key)
