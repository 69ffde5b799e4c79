"""Which machines can print which jobs, for thousands of jobs and hundreds of machines at once.

The answer is that of `gates.fit`, but a gate is asked once for each pair of different needs and different
machines: a mask has a bit for each machine, in the order of `machines`. It is advice: who is given a job is
asked again by all gates.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from operator import or_
from uuid import UUID

from inventory.filament import family
from printers.drivers.driver import MachineState

from .gates import (
    FIT,
    Gate,
    Machine,
    Needs,
    Verdict,
    blocking,
    enough_gate,
    fit,
    material_gate,
    target_gate,
)
from .loading import MARGIN, FilamentNeed, LoadedSlot, assign, suits
from .remembering import Remembering

# What depends on more than how the machine is built is asked apart; every other gate sees no slots at all.
APART = frozenset({target_gate, material_gate, enough_gate})
BUILD = tuple(gate for gate in FIT if gate not in APART)
NOWHERE = UUID(int=0)
CLOSEST_OF = 8


def members(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _build_of(machine: Machine) -> Machine:
    """The machine without what changes by the hour or is its own: equal ones are built the same."""
    return replace(
        machine, id=NOWHERE, name="", tags=frozenset(), slots=(), usable=False, plate="", held=True,
        auto_queue=False, state=MachineState.UNKNOWN, faults=(), remaining_s=None, held_after=0, ejects=False,
        overdue="",
    )  # fmt: skip


@lru_cache(maxsize=100_000)
def _serves(needs: tuple[FilamentNeed, ...], slots: tuple[LoadedSlot, ...]) -> bool:
    loading = assign(needs, slots)
    return bool(loading.matched and loading.enough)


class Stock:
    """Of one kind of filament, how much the fullest slot of each machine has: in grams and in length."""

    def __init__(self, need: FilamentNeed, loads: Mapping[tuple[LoadedSlot, ...], int]) -> None:
        grams: list[tuple[float, int]] = []
        lengths: list[tuple[float, int]] = []
        for slots, mask in loads.items():
            left = [slot for slot in slots if slot.grams_left is not None and suits(need, slot)]
            if left:
                grams.append((max(slot.grams_left or 0.0 for slot in left), mask))
                lengths.append((max((slot.grams_left or 0.0) / slot.g_per_mm for slot in left), mask))
        self._grams, self._lengths = _heap(grams), _heap(lengths)

    def enough_for(self, need: FilamentNeed) -> int:
        """The machines of which one slot has what `need` takes, with the margin."""
        amount, (amounts, masks) = need.grams, self._grams
        if not amount:
            amount, (amounts, masks) = need.length_mm, self._lengths
        return masks[bisect_left(amounts, amount * MARGIN)] if amount > 0 else 0


def _heap(left: list[tuple[float, int]]) -> tuple[list[float], list[int]]:
    """The amounts upwards, and for each the machines that have at least so much; none at the end."""
    left.sort()
    masks = list(accumulate((mask for _amount, mask in reversed(left)), or_, initial=0))
    return [amount for amount, _mask in left], masks[::-1]


class Classes:
    """The masks of one set of machines."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.machines = machines
        self.all = (1 << len(machines)) - 1
        self.builds: dict[Machine, int] = {}
        self.loads: dict[tuple[LoadedSlot, ...], int] = {}
        for at, machine in enumerate(machines):
            build = _build_of(machine)
            self.builds[build] = self.builds.get(build, 0) | 1 << at
            self.loads[machine.slots] = self.loads.get(machine.slots, 0) | 1 << at
        self._stocks: dict[tuple[str, str, UUID | None], Stock] = {}
        self._gates = [Remembering(gate) for gate in BUILD]
        self._places = {machine.id: at for at, machine in enumerate(machines)}
        self._able: dict[Needs, int] = {}
        self._known: dict[int, tuple[Needs, int]] = {}
        self._targets: dict[tuple[UUID | None, UUID | None, str], int] = {}

    def able(self, needs: Needs) -> int:
        """The machines that all gates of `fit` let print this."""
        known = self._known.get(id(needs))
        if known is not None and known[0] is needs:
            return known[1]
        wanted = self.wanted(needs)
        bare = replace(needs, printer_id=None, tag_id=None, model="")
        if bare not in self._able:
            self._able[bare] = self._loaded_for(bare, self._built_for(bare))
        found = self._able[bare] & wanted
        # Held beside its answer, so that no other needs can have its identity.
        self._known[id(needs)] = (needs, found)
        return found

    def wanted(self, needs: Needs) -> int:
        """The machines that the job is for."""
        key = (needs.printer_id, needs.tag_id, needs.model)
        if key == (None, None, ""):
            return self.all
        if key not in self._targets:
            asked: Iterable[int] = range(len(self.machines))
            if needs.printer_id is not None:
                asked = [self._places[needs.printer_id]] if needs.printer_id in self._places else ()
            self._targets[key] = sum(
                1 << at for at in asked if target_gate(needs, self.machines[at]).verdict is Verdict.PASS
            )
        return self._targets[key]

    def _built_for(self, needs: Needs) -> int:
        found = 0
        for build, mask in self.builds.items():
            if all(gate.passes(needs, build) for gate in self._gates):
                found |= mask
        return found

    def _loaded_for(self, needs: Needs, built: int) -> int:
        """Of the machines `built` those with enough of the right filament in their slots."""
        if not needs.filaments or not all(need.material or need.spool_id for need in needs.filaments):
            return 0
        found = built
        for need in needs.filaments:
            found &= self._stock_of(need).enough_for(need)
        families = {family(need.material) for need in needs.filaments}
        if len(families) == len(needs.filaments) and not any(need.spool_id for need in needs.filaments):
            # Filaments of different kinds never want the same slot.
            return found
        return sum(
            mask & found
            for slots, mask in self.loads.items()
            if mask & found and _serves(needs.filaments, slots)
        )

    def _stock_of(self, need: FilamentNeed) -> "Stock":
        key = (family(need.material), need.wished_color, need.spool_id)
        if key not in self._stocks:
            self._stocks[key] = Stock(need, self.loads)
        return self._stocks[key]

    def closest(self, needs: Needs) -> tuple[Machine, list[Gate]] | None:
        """Of the machines the job is for, one with the least against it, and that; None if there is none.

        Among those whose build has the least against it only some are asked about what is loaded.
        """
        wanted = self.wanted(needs)
        counted = [
            (sum(not gate.passes(needs, build) for gate in self._gates), mask & wanted)
            for build, mask in self.builds.items()
            if mask & wanted
        ]
        if not counted:
            return None
        least = min(count for count, _mask in counted)
        best = sum(mask for count, mask in counted if count == least)
        asked = [self.machines[at] for at, _n in zip(members(best), range(CLOSEST_OF), strict=False)]
        answers = [(machine, blocking(fit(needs, machine))) for machine in asked]
        return min(answers, key=lambda pair: (len(pair[1]), pair[0].name))
