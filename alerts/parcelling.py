"""Making parcels: what is due for one person by one channel becomes one message."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from orgs.current import current_org

from .holding import WAITING, Quiet, put_off
from .models import Delivery, Endpoint, Parcel

# As many are locked at once; PostgreSQL has room for some thousand locks.
CHUNK = 200
MOST_KEYS = 20_000

_TAKE = """
UPDATE alerts_delivery SET state = 'taken', parcel_id = taken.parcel
FROM unnest(%s::uuid[], %s::uuid[]) AS taken(id, parcel) WHERE alerts_delivery.id = taken.id
"""


class Key(NamedTuple):
    """Whose message: a person's by one channel (at one of their endpoints), or an endpoint's alone."""

    user: UUID | None
    channel: str
    endpoint: UUID | None


def take_due(now: datetime) -> int:
    """Put all that is due at `now` into parcels, each committed with the deliveries it takes; how many.

    Two senders take turns for each person and channel, so neither splits a digest of the other's. What is due
    while it is quiet (it was raised just before, or nobody was there to send it) is held.
    """
    due = Delivery.objects.filter(state__in=WAITING, not_before__lte=now)
    found = due.values_list("user", "channel", "endpoint").distinct()[:MOST_KEYS]
    keys = sorted((Key(*row) for row in found), key=_lock_of)
    made = 0
    for at in range(0, len(keys), CHUNK):
        with transaction.atomic():
            made += _take(keys[at : at + CHUNK], now)
    return made


def _take(keys: Sequence[Key], now: datetime) -> int:
    _lock(keys)
    whose = Q(user__in={key.user for key in keys if key.user}) | Q(
        user=None, endpoint__in={key.endpoint for key in keys if key.endpoint}
    )
    due = Delivery.objects.filter(whose, state__in=WAITING, not_before__lte=now)
    quiet = Quiet({key.user for key in keys if key.user})
    taken: dict[Key, list[tuple[UUID, datetime]]] = defaultdict(list)
    held: list[tuple[UUID, UUID | None, str]] = []
    rows = due.select_for_update(of=("self",)).order_by("pk")
    locked = set(keys)
    for pk, user, channel, endpoint, not_before, severity in rows.values_list(
        "pk", "user", "channel", "endpoint", "not_before", "alert__severity"
    ):
        key = Key(user, channel, endpoint)
        if key not in locked:
            continue
        if quiet.until(user, now, severity):
            held.append((pk, user, severity))
        else:
            taken[key].append((pk, not_before or now))
    put_off(held, quiet, now)
    _make(taken, now)
    return len(taken)


def _make(taken: dict[Key, list[tuple[UUID, datetime]]], now: datetime) -> None:
    addresses = _addresses(taken)
    wishes = {key: (addresses[key], max(due for _, due in rows)) for key, rows in taken.items()}
    used = _used(wishes)
    parcels, pks, parcel_ids = [], [], []
    for key, (address, due) in wishes.items():
        # A window's message is gone already, and this is what was committed after it.
        while (key.user, key.channel, address, due) in used:
            due = max(now, due + timedelta(microseconds=1))
        used.add((key.user, key.channel, address, due))
        parcel = Parcel(
            user_id=key.user, channel=key.channel, endpoint_id=key.endpoint, address=address, due_at=due,
            next_at=Now(),
        )  # fmt: skip
        parcels.append(parcel)
        pks += [pk for pk, _ in taken[key]]
        parcel_ids += [parcel.pk] * len(taken[key])
    if parcels:
        Parcel.objects.bulk_create(parcels)
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [pks, parcel_ids])


def _used(wishes: dict[Key, tuple[str, datetime]]) -> set[tuple[UUID | None, str, str, datetime]]:
    """What there is already of the parcels' unique values."""
    dues = {due for _, due in wishes.values()}
    found = Parcel.objects.filter(due_at__in=dues, address__in={address for address, _ in wishes.values()})
    return set(found.values_list("user", "channel", "address", "due_at"))


def _addresses(keys: Iterable[Key]) -> dict[Key, str]:
    keys = list(keys)
    mails = dict(
        User.objects.filter(pk__in={key.user for key in keys if key.endpoint is None}).values_list(
            "pk", "email"
        )
    )
    ways = dict(Endpoint.objects.filter(pk__in={key.endpoint for key in keys}).values_list("pk", "address"))
    return {key: ways[key.endpoint] if key.endpoint else mails[key.user] for key in keys}  # type: ignore[index]


def _lock_of(key: Key) -> int:
    """Of the person and the channel; endpoints of the organisation with one address would share messages."""
    words = f"{current_org().schema_name} {key.user} {key.channel}"
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), signed=True)


def _lock(keys: Iterable[Key]) -> None:
    """Until the end of the transaction, in one order, so that two senders wait and never block each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key",
            [sorted({_lock_of(key) for key in keys})],
        )
