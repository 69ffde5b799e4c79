"""Sending what is due in the organisation at work."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID, uuid4

from django.db.models import Min
from django.utils import timezone

from orgs.current import current_org, release_connection
from orgs.keys import org_key, redis_client

from .beginning import OPEN, begin, due_parcels
from .hands import SLOW_S, Hands, Line, Outcome
from .holding import WAITING
from .models import Delivery, Parcel
from .parcelling import take_due
from .settling import put_off, settle

# Shorter together than the agenda's lease: new messages are begun for so long, and waited for so long.
BEGIN_S, WAIT_S = 20.0, 50.0
# How often a run looks for what has become due since; how long it waits before it gives its connection back,
# for to connect anew costs more than many a message takes; and how many parcels it knows ahead.
LOOK_S, HOLD_S, AHEAD = 1.0, 0.25, 2000
# A worker that says nothing for so long is dead, and another one may have its turn.
TURN_S = 10
AGAIN = timedelta(seconds=1)


def send_in_turn() -> datetime | None:
    """Send what is due, unless another worker is at it: that one sees what is new too. When to come again.

    Were each alert's task to wait for a chat that hangs, all of a worker's threads would soon wait for it.
    Nothing rests on there being one sender only: the rows decide.
    """
    key, redis, mine = org_key(current_org().pk, "alerts", "sending"), redis_client(), uuid4().bytes
    if not redis.set(key, mine, nx=True, ex=TURN_S):
        return timezone.now() + AGAIN
    try:
        Run(lambda: redis.set(key, mine, xx=True, ex=TURN_S)).go()
    finally:
        if redis.get(key) == mine:
            redis.delete(key)
    return next_due()


def next_due() -> datetime | None:
    """When something is due next: the end of a quiet, another attempt, or what may be left behind."""
    held = Delivery.objects.filter(state__in=WAITING).aggregate(at=Min("not_before"))["at"]
    tried = Parcel.objects.filter(state__in=OPEN).aggregate(at=Min("next_at"))["at"]
    return min(filter(None, (held, tried)), default=None)


class Run:
    """One round of sending. All of the database is asked by this thread; the hands only talk."""

    def __init__(self, alive: Callable[[], object] = lambda: None) -> None:
        """`alive` is called every second or more often."""
        self.line, self.hands, self._alive = Line(), Hands(), alive

    def go(self) -> None:
        began = look_at = monotonic()
        try:
            while (spent := monotonic() - began) < WAIT_S:
                self._alive()
                if spent < BEGIN_S:
                    if monotonic() >= look_at or not self.line:
                        self._look()
                        look_at = monotonic() + LOOK_S
                    self._begin()
                if not self.hands.busy:
                    break
                self._settle(self._collect())
        finally:
            self.hands.dismiss()

    def _look(self) -> None:
        """Take up what has become due since the last look."""
        if take_due(timezone.now()) or not self.line:
            self.line.add(due_parcels(AHEAD))

    def _begin(self) -> None:
        while picked := self.line.next(self.hands.free):
            handed = begin(picked)
            for one in handed:
                self.hands.give(one)
            # Dropped, put off, or another sender's.
            for pk in set(picked) - {one.pk for one in handed}:
                self.line.is_back(pk)

    def _collect(self) -> list[Outcome]:
        """What has ended, after a second at most; no connection is held meanwhile."""
        outcomes = self.hands.collect(HOLD_S)
        if not outcomes:
            release_connection()
            outcomes = self.hands.collect(LOOK_S)
        return outcomes

    def _settle(self, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        settle(outcomes)
        waiting: list[UUID] = []
        for one in outcomes:
            hangs = one.failure is not None and one.took_s >= SLOW_S
            waiting += self.line.is_back(one.handed.pk, rests=hangs)
        if waiting:
            put_off(waiting)
