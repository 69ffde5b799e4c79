"""Handing messages over at the same time: a few threads that know plain values only, and a fair line.

Threads of one task, and not a task for each message: a worker has eight threads for everything, staging and
starts too, and a chat that hangs may have one of them at most.
"""

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connections
from django.utils import translation
from django.utils.translation import gettext as _

from .channels.adapter import Adapter, Address, Message, NotSent
from .kinds import Channel

logger = logging.getLogger(__name__)

# A host that hangs takes half of the hands at most.
HANDS, HANDS_A_HOST = 16, 8
# Whoever fails only after this long rests for the run: the next message would wait as long.
SLOW_S = 5.0


@dataclass(frozen=True, slots=True)
class Handed:
    """A parcel in its `attempt`th sending, as plain values."""

    pk: UUID
    attempt: int
    host: str
    to: Address
    message: Message
    adapter: Adapter


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a sending ended; `failure` is None where the other side took it."""

    handed: Handed
    failure: NotSent | None
    took_s: float


def host_of(channel: str, address: str) -> str:
    """Who is talked to. All mail goes to the one mail server."""
    if channel == Channel.EMAIL:
        return channel
    try:
        parts = urlsplit(address)
        return f"{channel} {parts.hostname or parts.scheme}"
    except ValueError:
        return channel


class Line:
    """Parcels that wait for a hand: each host has a line of its own, and they take turns.

    One whose host rests is left out; it may stand in line in a later run.
    """

    def __init__(self) -> None:
        self._lines: dict[str, deque[UUID]] = {}
        self._busy: dict[str, int] = {}
        self._hosts: dict[UUID, str] = {}
        self._resting: set[str] = set()

    def __len__(self) -> int:
        return sum(len(line) for line in self._lines.values())

    def add(self, parcels: Iterable[tuple[UUID, str]]) -> None:
        """Ids and hosts, in the order in which they are due; who has stood in line before is left out."""
        for pk, host in parcels:
            if pk not in self._hosts and host not in self._resting:
                self._hosts[pk] = host
                self._lines.setdefault(host, deque()).append(pk)

    def next(self, most: int) -> list[UUID]:
        """Up to `most` parcels that may be begun now; each keeps a hand busy until `is_back`."""
        found: list[UUID] = []
        hosts = deque(self._lines)
        while hosts and len(found) < most:
            host = hosts.popleft()
            if self._busy.get(host, 0) >= HANDS_A_HOST:
                continue
            line = self._lines.pop(host)
            found.append(line.popleft())
            self._busy[host] = self._busy.get(host, 0) + 1
            if line:
                # Behind the others, now and the next time.
                self._lines[host] = line
                hosts.append(host)
        return found

    def is_back(self, pk: UUID, *, rests: bool = False) -> list[UUID]:
        """Its hand is free again. `rests`: nothing more is begun for its host; the answer is what waits."""
        host = self._hosts[pk]
        self._busy[host] -= 1
        if rests:
            self._resting.add(host)
        return list(self._lines.pop(host, ())) if host in self._resting else []


class Hands:
    """The threads. They hold no database connection; what comes of each message is asked by `collect`."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[Handed | None] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self._threads: list[Thread] = []
        self.busy = 0

    @property
    def free(self) -> int:
        return HANDS - self.busy

    def give(self, handed: Handed) -> None:
        self.busy += 1
        if len(self._threads) < self.busy:
            # Daemons: one that hangs for ever must not keep a worker from ending.
            self._threads.append(Thread(target=self._work, name="alerts hand", daemon=True))
            self._threads[-1].start()
        self._inbox.put(handed)

    def collect(self, timeout_s: float) -> list[Outcome]:
        """What has ended, at least one, waiting for it; nothing if none ends in time."""
        found: list[Outcome] = []
        try:
            found.append(self._outcomes.get(timeout=max(0.0, timeout_s)))
            while True:
                found.append(self._outcomes.get_nowait())
        except Empty:
            self.busy -= len(found)
            return found

    def dismiss(self) -> None:
        """Let the threads end, each after what it is at."""
        for _thread in self._threads:
            self._inbox.put(None)

    def _work(self) -> None:
        while (handed := self._inbox.get()) is not None:
            self._outcomes.put(_hand_over(handed))
        connections.close_all()


def _hand_over(handed: Handed) -> Outcome:
    began = monotonic()
    failure = None
    with translation.override(handed.message.language):
        try:
            handed.adapter.send(handed.to, handed.message)
        except NotSent as reason:
            failure = reason
        except Exception:  # the top of a thread: else its message would wait for nobody
            logger.exception("parcel %s", handed.pk)
            failure = NotSent(_("An error of O.D.I.N. itself; it is in the server's log."))
    return Outcome(handed, failure, monotonic() - began)
