"""The master key, from the environment or a file of its own, and the keys derived from it."""

import base64
import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured


def master_key(given: str, path: Path) -> bytes:
    """The key in `given`, else the one in `path`, made on the first start with mode 600."""
    if given:
        if len(given) < 32:
            raise ImproperlyConfigured("ODIN_SECRET_KEY must have at least 32 characters.")
        return given.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked: a second process starting now sees no key or all of it.
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
        aside.unlink()
    return _written(path)


def _written(path: Path) -> bytes:
    key = path.read_bytes().strip()
    if len(key) < 32:
        raise ImproperlyConfigured(f"{path} holds no usable key. If it was never used, delete it.")
    return key


def derived_key(master: bytes, purpose: str, size: int = 32) -> str:
    """A key for one purpose, `size` bytes in URL-safe base64."""
    raw = HKDF(algorithm=SHA256(), length=size, salt=None, info=purpose.encode()).derive(master)
    return base64.urlsafe_b64encode(raw).decode()
