"""Asking the printers that answer questions: each every two seconds, many at once, none twice at a time."""

import logging
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import groupby
from typing import cast
from uuid import UUID

import orjson
from celery import current_app
from django.db.models import Q
from django.utils.translation import gettext as _

from gateway.ingest import ingest
from gateway.pauses import Pause
from orgs.current import current_org, release_connection
from orgs.keys import org_key, redis_client
from orgs.models import Org
from printers.commands import Target
from printers.drivers import DRIVERS
from printers.drivers.driver import DriverError, Endpoint, Link, MachineState, Status, Trouble
from printers.models import Printer
from printers.reaching import described, kept_driver, resolved
from stations.models import Station

logger = logging.getLogger(__name__)

CHUNK = 40
THREADS = 16
# Longer than any poll: connect and answer have 5 s each, for a handful of questions.
POLL_LOCK_S = 60
PAUSE_LIFE_S = 3600
# A print that is on its way or running is followed to its end, whatever its printer is set to meanwhile, and
# when its organisation is suspended.
WANTED = Q(enabled=True, owner__state=Org.State.ACTIVE) | Q(hold__isnull=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a poll ended: with a status, or with an error."""

    target: Target
    status: Status | None = None
    error: DriverError | None = None


def send_chunks() -> int:
    """Send a task for every forty polled printers of an organisation; return how many. One query."""
    protocols = [name for name, driver in DRIVERS.items() if driver.link is Link.POLL]
    fleet = (
        Station.objects.filter(WANTED, protocol__in=protocols, deleted_at=None)
        .order_by("owner__schema_name", "pk")
        .values_list("owner__schema_name", "pk")
    )
    sent = 0
    for schema, rows in groupby(fleet, key=lambda row: row[0]):
        ids = [str(pk) for _schema, pk in rows]
        for start in range(0, len(ids), CHUNK):
            current_app.send_task("gateway.poll_chunk", args=[schema, ids[start : start + CHUNK]], expires=4)
            sent += 1
    return sent


def poll_chunk(ids: Iterable[UUID]) -> None:
    """Ask these printers of the organisation in use, unless they are being asked or are to be left alone."""
    org = current_org()
    targets, unusable = _targets(ids)
    release_connection()
    with _claimed(org, targets) as mine:
        pauses = _pauses(org, [*unusable, *mine])
        now = time.time()
        ready = [target for target in mine if not pauses[target.id].holds(settings_mark(target), now)]
        for target, error in unusable.items():
            _settle(org, Asked(target, error=error), pauses[target.id])
        for asked in _ask_all(ready):
            _settle(org, asked, pauses[asked.target.id])
            # Those who answered need not wait for the slow ones to be asked again.
            mine.pop(asked.target)
            redis_client().delete(_lock_key(org, asked.target.id))


def settings_mark(target: Target) -> str:
    """Tells settings apart without showing them."""
    return blake2b(orjson.dumps([target.protocol, asdict(target.endpoint)]), digest_size=8).hexdigest()


def _targets(ids: Iterable[UUID]) -> tuple[list[Target], dict[Target, DriverError]]:
    """The printers that are to be asked, as plain values, and those whose secret cannot be opened."""
    targets, unusable = [], {}
    wanted = list(Station.objects.filter(WANTED, pk__in=list(ids)).values_list("pk", flat=True))
    for printer in Printer.objects.filter(pk__in=wanted):
        try:
            targets.append(Target(printer.pk, printer.protocol, described(printer)))
        except DriverError as error:
            unusable[Target(printer.pk, printer.protocol, Endpoint(printer.address))] = error
    return targets, unusable


@contextmanager
def _claimed(org: Org, targets: Sequence[Target]) -> Iterator[dict[Target, None]]:
    """Those of `targets` that nobody else is asking; ours until the caller takes them out, or to the end."""
    redis = redis_client()
    with redis.pipeline(transaction=False) as pipe:
        for target in targets:
            pipe.set(_lock_key(org, target.id), 1, nx=True, ex=POLL_LOCK_S)
        taken = pipe.execute()
    mine = {target: None for target, is_ours in zip(targets, taken, strict=True) if is_ours}
    try:
        yield mine
    finally:
        if mine:
            redis.delete(*(_lock_key(org, target.id) for target in mine))


def _ask_all(targets: Sequence[Target]) -> Iterator[Asked]:
    """Ask all at once, in as many threads as are worth it; each as soon as it has answered."""
    if not targets:
        return
    with ThreadPoolExecutor(min(THREADS, len(targets)), "poll") as pool:
        for done in as_completed([pool.submit(_ask, target) for target in targets]):
            yield done.result()


def _ask(target: Target) -> Asked:
    """In a thread: nothing here touches the database."""
    try:
        endpoint = resolved(target.endpoint, target.protocol)
        with kept_driver(target.id, endpoint, target.protocol) as driver:
            return Asked(target, driver.status())
    except DriverError as error:
        return Asked(target, error=error)
    except Exception:  # whatever a printer says must not cost the others of its chunk theirs
        logger.exception("printer %s: its driver failed", target.id)
        return Asked(target, error=DriverError(Trouble.NONSENSE, _("The printer answers nonsense.")))


def _settle(org: Org, asked: Asked, pause: Pause) -> None:
    """Take in one answer; one printer's trouble must not cost the others theirs."""
    pk = asked.target.id
    try:
        if asked.status is not None:
            if pause.failures:
                redis_client().delete(_pause_key(org, pk))
            ingest(org, pk, asked.status)
        elif asked.error is not None:
            _give_up(org, asked.target, asked.error, pause)
    except Exception:  # the next status counts as a change again
        logger.exception("printer %s of org %s: its status was not taken in", pk, org.pk)
    release_connection()


def _give_up(org: Org, target: Target, error: DriverError, pause: Pause) -> None:
    """Remember a failure; after enough of them, or a hopeless one, the printer is offline."""
    pause = pause.after(error.trouble, settings_mark(target), time.time(), random.random)
    redis_client().set(_pause_key(org, target.id), orjson.dumps(asdict(pause)), ex=PAUSE_LIFE_S)
    if pause.is_offline:
        ingest(org, target.id, Status(MachineState.OFFLINE, full=False), problem=str(error))


def _pauses(org: Org, targets: Sequence[Target]) -> dict[UUID, Pause]:
    if not targets:
        return {}
    found = cast("list[bytes | None]", redis_client().mget([_pause_key(org, one.id) for one in targets]))
    return {
        target.id: Pause(**orjson.loads(raw)) if raw else Pause("")
        for target, raw in zip(targets, found, strict=True)
    }


def _lock_key(org: Org, printer_id: UUID) -> str:
    return org_key(org.pk, "poll", printer_id)


def _pause_key(org: Org, printer_id: UUID) -> str:
    return org_key(org.pk, "poll-pause", printer_id)
