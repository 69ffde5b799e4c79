"""The forecast as pages read it, in Redis: one late print moves thousands, and none of them is a fact.

If Redis is emptied, the next look at the queue, a minute later at most, writes it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import orjson

from orgs.current import current_org
from orgs.keys import org_key, redis_client

from .forecast import Bar

KEPT_S = 3600
LAST_S = 253_402_300_000.0
# Of one printer; a farm's timeline of three days is bounded by it.
MOST_BARS = 60


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a waiting job may expect. `place` in line (1 is next) for the `fitting` printers.

    The times are None where no printer fits or nothing is known of any. `by_hand`: a person has to start it.
    """

    starts_at: datetime | None
    ends_at: datetime | None
    by_hand: bool
    place: int
    fitting: int

    def is_late(self, due_at: datetime | None) -> bool:
        """Whether it would be done after `due_at`."""
        return bool(due_at and self.ends_at and self.ends_at > due_at)


# starts, ends, by_hand, place, fitting; times in seconds since 1970.
Record = tuple[float | None, float | None, bool, int, int]


def _keys() -> tuple[str, str]:
    org = current_org().pk
    return org_key(org, "outlook"), org_key(org, "outlook-bars")


def keep(records: Mapping[UUID, Record], bars: Sequence[Bar], machines: Sequence[UUID]) -> None:
    """Replace the whole outlook at once."""
    by_job, timeline = _keys()
    with redis_client().pipeline(transaction=True) as pipe:
        pipe.delete(by_job, timeline)
        if records:
            packed: Any = {pk.bytes: orjson.dumps(record) for pk, record in records.items()}
            pipe.hset(by_job, mapping=packed)
            pipe.expire(by_job, KEPT_S)
        if lanes := _lanes(bars, machines):
            pipe.hset(timeline, mapping=lanes)
            pipe.expire(timeline, KEPT_S)
        pipe.execute()


def ahead_of(ids: Iterable[UUID]) -> dict[UUID, Ahead]:
    """The outlook of these jobs; one of which nothing is known is left out. One question to Redis."""
    wanted = list(ids)
    if not wanted:
        return {}
    found = cast("Sequence[bytes | None]", redis_client().hmget(_keys()[0], [pk.bytes for pk in wanted]))
    return {pk: _ahead(orjson.loads(raw)) for pk, raw in zip(wanted, found, strict=True) if raw}


def _ahead(record: Sequence[Any]) -> Ahead:
    starts, ends, by_hand, place, fitting = record
    return Ahead(moment(starts), moment(ends), by_hand, place, fitting)


def moment(seconds: float | None) -> datetime | None:
    """As a moment; None for none, and for one after the year 9999, which no clock can show."""
    return None if seconds is None or seconds >= LAST_S else datetime.fromtimestamp(round(seconds), UTC)


def _lanes(bars: Sequence[Bar], machines: Sequence[UUID]) -> Any:
    rows: dict[int, list[tuple[str, float, float]]] = {}
    for bar in bars:
        lane = rows.setdefault(bar.machine, [])
        if len(lane) < MOST_BARS:
            lane.append((str(bar.job), bar.starts, bar.ends))
    return {machines[at].bytes: orjson.dumps(lane) for at, lane in rows.items()}


def machines_ahead() -> list[UUID]:
    """The printers that have something to print next."""
    return [UUID(bytes=raw) for raw in cast("list[bytes]", redis_client().hkeys(_keys()[1]))]


def bars_of(machines: Iterable[UUID]) -> dict[UUID, list[tuple[UUID, float, float]]]:
    """What is to print next on these printers, in time: job, start and end in seconds since 1970."""
    wanted = list(machines)
    if not wanted:
        return {}
    found = cast("Sequence[bytes | None]", redis_client().hmget(_keys()[1], [pk.bytes for pk in wanted]))
    return {
        pk: [(UUID(job), starts, ends) for job, starts, ends in orjson.loads(raw)]
        for pk, raw in zip(wanted, found, strict=True)
        if raw
    }
