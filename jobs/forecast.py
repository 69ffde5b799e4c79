"""When waiting jobs will start and end: the queue served in its order by the machines that fit. Pure.

Times are seconds since 1970. Each machine is free at a time, and again after a print when somebody has
cleared its plate, within the working hours. It is a guess to plan by; nothing starts because of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace
from uuid import UUID

from orgs.working_hours import Opening

from .classes import members

# Later copies of a longer queue are not foreseen: it bounds a look at the queue.
MOST_COPIES = 100_000


@dataclass(slots=True)
class Wish:
    """What waits: `copies` of a job that takes `seconds(machine)` each, on the machines of the mask.

    `by_hand`: a person has to be there to start it. `not_before` in seconds since 1970.
    """

    id: UUID
    copies: int
    mask: int
    seconds: Callable[[int], float]
    by_hand: bool = False
    not_before: float = 0.0


@dataclass(slots=True)
class Foreseen:
    """From the start of its next copy to the end of its last; `machine` prints the next."""

    starts: float
    ends: float
    machine: int


@dataclass(slots=True)
class Bar:
    """One copy on one machine."""

    job: UUID
    machine: int
    starts: float
    ends: float


@dataclass(slots=True)
class Outlook:
    jobs: dict[UUID, Foreseen] = field(default_factory=dict)
    bars: list[Bar] = field(default_factory=list)


class _Machines:
    """When each machine is free. Jobs of one mask share a heap; what is stale in it is put right on top."""

    def __init__(self, free: Sequence[float | None]) -> None:
        self.free = list(free)
        self.known = sum(1 << at for at, when in enumerate(free) if when is not None)
        self._heaps: dict[int, list[tuple[float, int]]] = {}

    def next(self, mask: int) -> tuple[float, int] | None:
        """The first that is free of a mask, and when; None if nothing is known of any."""
        heap = self._heaps.get(mask)
        if heap is None:
            free = self.free
            heap = [(free[at] or 0.0, at) for at in members(mask & self.known)]
            heapify(heap)
            self._heaps[mask] = heap
        while heap:
            when, at = heap[0]
            now = self.free[at]
            if now == when:
                return when, at
            heapreplace(heap, (now or 0.0, at))
        return None


def foresee(
    wishes: Iterable[Wish],
    free: Sequence[float | None],
    opening: Opening,
    bars_until: float = 0.0,
    ejecting: int = 0,
) -> Outlook:
    """The outlook for `wishes` in the order of the queue.

    `free` says for each machine when it can take its next print, None where that is not known. A job that
    must not start yet lets others pass until its time has come. Bars are kept that begin before `bars_until`.
    The machines of the mask `ejecting` clear their plates themselves, at any hour.
    """
    run = _Run(free, opening, bars_until, ejecting)
    for wish in wishes:
        run.add(wish)
    run.finish()
    return run.outlook


class _Run:
    def __init__(
        self, free: Sequence[float | None], opening: Opening, bars_until: float, ejecting: int
    ) -> None:
        self.machines = _Machines(free)
        self.opening = opening
        self.bars_until = bars_until
        self.ejecting = ejecting
        self.outlook = Outlook()
        self.put_off: list[tuple[float, int, Wish]] = []
        self.turn = 0
        self.left = MOST_COPIES

    def add(self, wish: Wish) -> None:
        found = self.machines.next(wish.mask)
        if found is None:
            return
        if wish.not_before > found[0]:
            self.turn += 1
            heappush(self.put_off, (wish.not_before, self.turn, wish))
            return
        while self.put_off and self.put_off[0][0] <= found[0]:
            self._serve(heappop(self.put_off)[2])
            found = self.machines.next(wish.mask) or found
        self._serve(wish)

    def finish(self) -> None:
        while self.put_off:
            self._serve(heappop(self.put_off)[2])

    def _serve(self, wish: Wish) -> None:
        if wish.copies > self.left:
            return
        self.left -= wish.copies
        first = last = 0.0
        machine = -1
        for _copy in range(wish.copies):
            found = self.machines.next(wish.mask)
            if found is None:
                return
            starts, at = max(found[0], wish.not_before), found[1]
            if wish.by_hand:
                starts = self.opening.next(starts)
            ends = starts + wish.seconds(at)
            self.machines.free[at] = ends if self.ejecting >> at & 1 else self.opening.next(ends)
            if machine < 0:
                first, machine = starts, at
            last = max(last, ends)
            if starts < self.bars_until:
                self.outlook.bars.append(Bar(wish.id, at, starts, ends))
        self.outlook.jobs[wish.id] = Foreseen(first, last, machine)
