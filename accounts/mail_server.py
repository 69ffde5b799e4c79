"""Which mail server the platform uses: the environment's, else the one set in the pages, else a folder."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from audit.trail import record

from .models import MailServer
from .sealing import seal

SHOWN = ("host", "port", "tls", "user", "sender")


def is_set_by_environment() -> bool:
    return bool(settings.MAIL_BY_ENVIRONMENT)


def current() -> MailServer | None:
    """The server set in the pages, if there is one; says nothing of the environment's."""
    return MailServer.objects.first()


def current_briefly() -> MailServer | None:
    """`current`, and no connection to the database is held afterwards: what follows is slow."""
    server = current()
    if not connection.in_atomic_block:
        connection.close()
    return server


def use(values: Mapping[str, Any], password: str | None) -> MailServer:
    """Set the server to the checked `values` of SHOWN; a password of None stays as it was."""
    with transaction.atomic():
        before = MailServer.objects.select_for_update().first()
        server = before or MailServer()
        old = {name: getattr(before, name) for name in SHOWN} if before else {}
        for name in SHOWN:
            setattr(server, name, values[name])
        if password is not None:
            server.secret = seal(password)
        server.save()
        after = {name: getattr(server, name) for name in SHOWN}
        record("mail.server", server, before=old, after=after | {"password": _said(password)})
    return server


def forget() -> bool:
    """Use none any more; False if there was none."""
    with transaction.atomic():
        server = MailServer.objects.select_for_update().first()
        if server is None:
            return False
        record("mail.server_forget", server, before={name: getattr(server, name) for name in SHOWN})
        server.delete()
    return True


def _said(password: str | None) -> str:
    return "as before" if password is None else "changed"
