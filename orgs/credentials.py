"""The API token in a request, wherever a program puts it."""

import base64
import binascii

from django.http import HttpRequest


def bearer_in(request: HttpRequest) -> str:
    """Authorization: Bearer, else X-Api-Key; empty without any."""
    kind, text = _authorization(request)
    return text if kind == "bearer" else request.headers.get("X-Api-Key", "")


def key_in(request: HttpRequest) -> str:
    """X-Api-Key, else Bearer, else the password of HTTP Basic; empty without any.

    The first wins: slicers send Basic besides it where a proxy wants a password of its own.
    """
    if given := request.headers.get("X-Api-Key", "").strip():
        return given
    kind, text = _authorization(request)
    return text if kind == "bearer" else _password(text) if kind == "basic" else ""


def _authorization(request: HttpRequest) -> tuple[str, str]:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    return kind.lower(), text.strip()


def _password(encoded: str) -> str:
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return pair.partition(":")[2]
