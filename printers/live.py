"""The last status of each printer, in Redis: for showing, never for deciding to start.

A record is three lines: the epoch of the link that wrote it, a digest of what a page shows, and the status
as JSON. Records expire; if Redis is emptied, the next reports write them again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, cast
from uuid import UUID

import orjson
from redis.commands.core import Script

from orgs.keys import org_key, redis_client
from printers.drivers.driver import Fault, Heat, MachineState, Outcome, Status, Tray

# So long a printer may be silent, or the server off, and we still know since when.
LIFE_S = 30 * 24 * 3600
# Facts 0.3: a Bambu printer is asked after 60 s of silence and given up 30 s later.
FRESH = {"bambu": timedelta(seconds=100)}
FRESH_POLLED = timedelta(seconds=30)

# A version begins at the clock's microseconds, so that pages which knew a higher one than an emptied Redis
# are not left behind. Jobs change too (jobs.news), so the oldest of very many changes are let go.
_BUMP = """
local function bump(version, changed, id)
  if redis.call('EXISTS', version) == 0 then
    local now = redis.call('TIME')
    redis.call('SET', version, string.format('%.0f', now[1] * 1000000 + now[2]))
  end
  redis.call('ZADD', changed, redis.call('INCR', version), id)
  redis.call('ZREMRANGEBYRANK', changed, 0, -20001)
end
"""
_SWAP = (
    _BUMP
    + """
local old = redis.call('GET', KEYS[1])
if old then
  local epoch, digest = string.match(old, '^(%d+)\\n(%x+)\\n')
  if tonumber(ARGV[1]) > 0 and tonumber(epoch) > tonumber(ARGV[1]) then return {0, old} end
  if digest ~= ARGV[2] then bump(KEYS[2], KEYS[3], ARGV[5]) end
else
  bump(KEYS[2], KEYS[3], ARGV[5])
end
redis.call('SET', KEYS[1], ARGV[1] .. '\\n' .. ARGV[2] .. '\\n' .. ARGV[3], 'EX', ARGV[4])
return {1, old}
"""
)
_TOUCH = _BUMP + "for _, id in ipairs(ARGV) do bump(KEYS[1], KEYS[2], id) end"


class StaleLink(Exception):
    """A link that was replaced by a newer one tried to report."""


@dataclass(frozen=True, slots=True)
class Live:
    """A status, when we had it (our clock), and why there is none better: words for the page, or empty."""

    status: Status
    updated_at: datetime
    problem: str = ""


def swap(
    org_id: UUID, printer_id: UUID, status: Status, *, link_epoch: int | None = None, problem: str = ""
) -> Live | None:
    """Store `status` and return what was known before, None if nothing.

    StaleLink if a link with a newer epoch has reported already; nothing is stored then.
    """
    record = _pack(status, datetime.now(UTC), problem)
    keys = [_key(org_id, printer_id), *_change_keys(org_id)]
    taken, old = _script(_SWAP)(
        keys=keys, args=[link_epoch or 0, _digest(status, problem), record, LIFE_S, str(printer_id)]
    )
    if not taken:
        raise StaleLink(f"printer {printer_id}: a link newer than {link_epoch} reports")
    return _unpack(old) if old else None


def read(org_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Live]:
    """What is known of these printers, in one round trip; a printer of which nothing is known is left out."""
    wanted = list(ids)
    if not wanted:
        return {}
    found = redis_client().mget([_key(org_id, pk) for pk in wanted])
    return {
        pk: _unpack(raw) for pk, raw in zip(wanted, cast("Sequence[bytes | None]", found), strict=True) if raw
    }


def forget(org_id: UUID, printer_id: UUID) -> None:
    redis_client().delete(_key(org_id, printer_id))
    touch(org_id, [printer_id])


def touch(org_id: UUID, ids: Iterable[UUID]) -> None:
    """Let pages fetch these printers again, because something else that they show has changed."""
    wanted = [str(pk) for pk in ids]
    if wanted:
        _script(_TOUCH)(keys=_change_keys(org_id), args=wanted)


def version_of(org_id: UUID) -> int:
    """The version a page is of that is drawn now; read it before what is drawn."""
    return int(cast("bytes | None", redis_client().get(_change_keys(org_id)[0])) or 0)


def changes_since(org_id: UUID, version: int) -> tuple[int, set[UUID]]:
    """The version now, and what has changed since `version`; 0 is before everything."""
    version_key, changed_key = _change_keys(org_id)
    with redis_client().pipeline(transaction=True) as pipe:
        pipe.get(version_key)
        pipe.zrange(changed_key, f"({version}", "+inf", byscore=True)
        now, changed = pipe.execute()
    return int(now or version), {UUID(raw.decode()) for raw in changed}


def is_fresh(live: Live | None, protocol: str, now: datetime) -> bool:
    """Whether the printer was heard of recently enough for its protocol to be believed."""
    if live is None:
        return False
    # A status from the future is one from before the clock was set back.
    return abs(now - live.updated_at) <= FRESH.get(protocol, FRESH_POLLED)


def _key(org_id: UUID, printer_id: UUID) -> str:
    return org_key(org_id, "live", printer_id)


def _change_keys(org_id: UUID) -> list[str]:
    return [org_key(org_id, "live-version"), org_key(org_id, "live-changed")]


def _script(text: str) -> Script:
    return redis_client().register_script(text)


def _digest(status: Status, problem: str) -> str:
    """Equal for statuses that look equal: whole degrees, percents and minutes, so that jitter is no news."""
    shown = (
        status.state, status.outcome, status.full, status.file, status.job_key, status.layer, status.layers,
        None if status.progress is None else round(status.progress * 100),
        None if status.remaining_s is None else status.remaining_s // 60,
        [_whole(heat) for heat in (*status.nozzles, status.bed, status.chamber)],
        status.fans, status.faults, status.trays, status.adjusted, problem,
    )  # fmt: skip
    return blake2b(orjson.dumps(shown), digest_size=8).hexdigest()


def _whole(heat: Heat | None) -> tuple[int, int] | None:
    return None if heat is None else (round(heat.now_c), round(heat.target_c))


_EMPTY: tuple[object, ...] = (None, "", (), {})


def _pack(status: Status, at: datetime, problem: str) -> bytes:
    """JSON without the fields that are as a Status is by default."""
    said = {name: value for name in Status.__slots__ if not _is_default(name, value := getattr(status, name))}
    return orjson.dumps({"at": at.timestamp(), "problem": problem, "status": said})


def _is_default(name: str, value: object) -> bool:
    return value is True if name in ("full", "seen_moving") else value in _EMPTY


def _unpack(raw: bytes) -> Live:
    told = orjson.loads(raw.split(b"\n", 2)[2])
    return Live(_status(told["status"]), datetime.fromtimestamp(told["at"], UTC), told["problem"])


def _status(said: dict[str, Any]) -> Status:
    said["state"] = MachineState(said["state"])
    if "outcome" in said:
        said["outcome"] = Outcome(said["outcome"])
    for name in ("bed", "chamber"):
        if name in said:
            said[name] = Heat(**said[name])
    for name, kind in (("nozzles", Heat), ("faults", Fault), ("trays", Tray)):
        if name in said:
            said[name] = tuple(kind(**item) for item in said[name])
    return Status(**said)
