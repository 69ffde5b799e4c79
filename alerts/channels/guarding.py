"""Keeps connections that a library makes by itself to addresses that may be called.

Within `guarded()` every connection of urllib3 (and so of requests, which apprise uses) in this thread goes to
the address that `check_address` gave: the name is looked up once, redirects to elsewhere are checked like the
first call, and what is refused never sees a packet. Outside of it nothing is changed.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3.util import connection

from orgs.reaching import TARGET, AddressRefused, check_address

_refusals: ContextVar[list[str] | None] = ContextVar("refusals", default=None)
_connect = connection.create_connection


@contextmanager
def guarded() -> Iterator[list[str]]:
    """Check every connection made here; the list tells in words which were refused."""
    refusals: list[str] = []
    token = _refusals.set(refusals)
    try:
        yield refusals
    finally:
        _refusals.reset(token)


def _checked_connect(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
    refusals = _refusals.get()
    if refusals is None:
        return _connect(address, *args, **kwargs)
    host, port = address
    try:
        return _connect((check_address(host.strip("[]"), port, TARGET), port), *args, **kwargs)
    except AddressRefused as refused:
        refusals.append(str(refused))
        raise OSError(str(refused)) from None


# urllib3 looks this name up at each connection. There is no other place through which all of them go.
connection.create_connection = _checked_connect
