"""Requests to the process that holds a printer's one link, through Redis.

Each holder has a list. A command has a permit besides, which goes to whoever comes first: to the holder, who
then acts, or to the asker whose time is up, after which nobody acts any more.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import cast
from uuid import UUID, uuid4

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.current import release_connection
from orgs.keys import platform_key, redis_client
from printers.drivers.driver import DriverError, Trouble
from stations.models import Station

PATIENCE_S = 15
COMMAND, CHANGED, START = "command", "changed", "start"
ADJUST = "adjust"


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """`kind` is COMMAND, ADJUST (`name` to `value`), CHANGED (settings) or START (look for starts); `number`
    names the permit of the first two."""

    kind: str
    printer_id: str
    name: str = ""
    job_key: str = ""
    number: str = ""
    value: str = ""


def command(printer_id: UUID, name: str, job_key: str) -> str:
    """Have the holder of the link send a command; what the printer said. Raises DriverError.

    The database connection is given back before waiting.
    """
    return _asked(LinkRequest(COMMAND, str(printer_id), name, job_key))


def adjust(printer_id: UUID, name: str, value: str) -> str:
    """The same for one of the driver's `adjustable`."""
    return _asked(LinkRequest(ADJUST, str(printer_id), name, value=value))


def command_by(holder: str, printer_id: UUID, name: str, job_key: str = "") -> str:
    """As `command`, where the holder of the link is known, "" if nobody has it; asks no database."""
    return _asked_of(holder, LinkRequest(COMMAND, str(printer_id), name, job_key))


def _asked(wanted: LinkRequest) -> str:
    holder = _holder(UUID(wanted.printer_id))
    release_connection()
    return _asked_of(holder, wanted)


def _asked_of(holder: str, wanted: LinkRequest) -> str:
    if not holder:
        raise DriverError(
            Trouble.UNREACHABLE, _("The printer is not connected at the moment. Nothing was sent.")
        )
    number = uuid4().hex
    redis = redis_client()
    redis.set(_permit(number), 1, ex=PATIENCE_S * 2)
    _post(holder, replace(wanted, number=number))
    raw = _waited(_reply(number))
    if raw is not None:
        said = orjson.loads(raw)
        if said["trouble"]:
            raise DriverError(Trouble(said["trouble"]), said["words"])
        return str(said["words"])
    if redis.delete(_permit(number)):
        raise DriverError(
            Trouble.UNREACHABLE, _("The link to the printer does not answer. Nothing was sent.")
        )
    raise DriverError(
        Trouble.UNREACHABLE, _("The printer was told, but has not answered. Look at what it does now.")
    )


def tell_changed(printer_id: UUID) -> None:
    """Let the holder of a printer's link, if any, read its settings again."""
    if holder := _holder(printer_id):
        _post(holder, LinkRequest(CHANGED, str(printer_id)))


def wake_start(printer_id: UUID) -> None:
    """Let the holder of a printer's link look at once for a print to start, rather than at its next look."""
    if holder := _holder(printer_id):
        _post(holder, LinkRequest(START, str(printer_id)))


def take(holder: str, wait_s: int) -> LinkRequest | None:
    """The next request for `holder`, waiting for it; None if there is none."""
    found = cast("tuple[bytes, bytes] | None", redis_client().blpop([_list(holder)], timeout=wait_s))
    return LinkRequest(**orjson.loads(found[1])) if found else None


def is_permitted(request: LinkRequest) -> bool:
    """Take a command's permit; False if the asker has given up."""
    return bool(redis_client().delete(_permit(request.number)))


def answer(request: LinkRequest, words: str, trouble: Trouble | None = None) -> None:
    """Tell the asker how a command ended."""
    with redis_client().pipeline() as pipe:
        pipe.rpush(_reply(request.number), orjson.dumps({"words": words, "trouble": trouble or ""}))
        pipe.expire(_reply(request.number), PATIENCE_S * 2)
        pipe.execute()


def holders_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Who holds the links of these printers now; those that nobody holds are left out. One query."""
    held = Station.objects.filter(pk__in=list(ids), link_until__gt=timezone.now())
    return dict(held.values_list("pk", "link_holder"))


def _holder(printer_id: UUID) -> str:
    return holders_of([printer_id]).get(printer_id, "")


def _post(holder: str, request: LinkRequest) -> None:
    with redis_client().pipeline() as pipe:
        pipe.rpush(_list(holder), orjson.dumps(asdict(request)))
        pipe.expire(_list(holder), PATIENCE_S * 4)
        pipe.execute()


def _waited(key: str) -> bytes | None:
    """What arrives at `key` within our patience; in steps shorter than the client's own time limit."""
    for _step in range(PATIENCE_S // 5):
        found = cast("tuple[bytes, bytes] | None", redis_client().blpop([key], timeout=5))
        if found:
            return found[1]
    return None


def _list(holder: str) -> str:
    return platform_key("link", holder)


def _permit(number: str) -> str:
    return platform_key("link-permit", number)


def _reply(number: str) -> str:
    return platform_key("link-reply", number)
