"""Which process holds the one link to a pushing printer: rows, taken and kept by UPDATE (dispatch rule 12).

A lease is the database's to give and its clock's to end. Every new link gets a higher epoch, so that what an
older one still writes is known for what it is.
"""

import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.db import connection

LEASE_S = 15
RENEW_S = 5
# So few at once that processes started together share the farm.
MOST_TAKEN = 200

# A print that is on its way or running is followed to its end, whatever its printer is set to meanwhile, and
# when its organisation is suspended.
_MAY_BE_HELD = """
protocol = ANY(%(protocols)s) AND deleted_at IS NULL
AND (hold_id IS NOT NULL OR (enabled AND owner_id IN (SELECT id FROM public.orgs_org WHERE state = 'active')))
"""
_TAKE = f"""
UPDATE public.stations_station
SET link_holder = %(holder)s, link_until = now() + make_interval(secs => {LEASE_S}),
    link_epoch = link_epoch + 1
WHERE id IN (
  SELECT id FROM public.stations_station
  WHERE (link_until IS NULL OR link_until < now()) AND {_MAY_BE_HELD}
  ORDER BY id LIMIT {MOST_TAKEN} FOR UPDATE SKIP LOCKED
)
RETURNING id, owner_id, link_epoch
"""  # noqa: S608  # our own constants
_RENEW = f"""
UPDATE public.stations_station SET link_until = now() + make_interval(secs => {LEASE_S})
WHERE link_holder = %(holder)s AND link_until > now() AND id = ANY(%(ids)s) AND {_MAY_BE_HELD}
RETURNING id
"""  # noqa: S608
_NEW_LINKS = """
UPDATE public.stations_station SET link_epoch = link_epoch + 1
WHERE link_holder = %(holder)s AND link_until > now() AND id = ANY(%(ids)s)
RETURNING id, link_epoch
"""
_RELEASE = """
UPDATE public.stations_station SET link_until = NULL, link_holder = ''
WHERE link_holder = %(holder)s AND id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Lease:
    station_id: UUID
    org_id: UUID
    epoch: int


def new_holder() -> str:
    """A name no other process has."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{token_hex(4)}"


def take(holder: str, protocols: Sequence[str]) -> list[Lease]:
    """Take stations that nobody holds, each with a new epoch."""
    rows = _rows(_TAKE, holder=holder, protocols=list(protocols))
    return [Lease(*row) for row in rows]


def renew(holder: str, ids: Iterable[UUID], protocols: Sequence[str]) -> set[UUID]:
    """Keep these stations; those missing from the answer are lost and their links must close at once."""
    return {row[0] for row in _rows(_RENEW, holder=holder, ids=list(ids), protocols=list(protocols))}


def new_links(holder: str, ids: Iterable[UUID]) -> dict[UUID, int]:
    """The epochs for one more link to each of these stations; one that is no longer held is left out."""
    return dict(_rows(_NEW_LINKS, holder=holder, ids=list(ids)))


def release(holder: str, ids: Iterable[UUID]) -> None:
    """Give these stations back, so that another process need not wait for the leases to end."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"holder": holder, "ids": list(ids)})


def _rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
