"""Telling open pages that jobs have changed."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from orgs.current import current_org
from printers import live


def changed(*ids: UUID | None, many: Iterable[UUID] = ()) -> None:
    """Let pages that show these jobs or printers ask again, once this transaction is committed."""
    org_id = current_org().pk
    told = [pk for pk in (*ids, *many) if pk is not None]
    if told:
        transaction.on_commit(lambda: live.touch(org_id, told), robust=True)
