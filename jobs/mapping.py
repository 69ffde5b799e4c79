"""Which slot of a printer serves which filament of a file: for people to see, and to choose otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from inventory.drying.wording import due_words
from printers.drivers.driver import MachineState

from . import facts, gates
from .lending import lent
from .loading import FilamentNeed, LoadedSlot, grams_taken
from .models import Job


@dataclass(frozen=True, slots=True)
class Serving:
    """A filament of the file and the slot that serves it, None for none; `short_g` of it is missing."""

    need: FilamentNeed
    slot: LoadedSlot | None
    takes_g: float
    short_g: float

    @property
    def number(self) -> int:
        return self.need.index + 1

    @property
    def slot_number(self) -> int | None:
        return self.slot.index + 1 if self.slot else None


@dataclass(frozen=True, slots=True)
class Served:
    """All filaments of a plate on one machine; `doubts` say what is wrong with material and amount.

    `warnings` are advice that no gate asks, such as that a spool needs drying.
    """

    machine: gates.Machine
    rows: list[Serving]
    doubts: list[str]
    warnings: list[str]


def choose(needs: gates.Needs, slots: Mapping[str, int]) -> gates.Needs:
    """`needs` with the printer's slots that a person chose, by the file's filament as text."""
    if not slots:
        return needs
    chosen = tuple(replace(need, slot=slots.get(str(need.index))) for need in needs.filaments)
    return replace(needs, filaments=chosen)


def impossible(needs: gates.Needs, machine: gates.Machine) -> str:
    """Why the chosen slots can't be used at all; empty if they can."""
    chosen = [need.slot for need in needs.filaments if need.slot is not None]
    if len(chosen) != len(set(chosen)):
        return _("Two filaments can't come out of one slot.")
    if set(chosen) - {slot.index for slot in machine.slots}:
        return _("%(printer)s has no such slot.") % {"printer": machine.name}
    return ""


def served(needs: gates.Needs, machine: gates.Machine) -> Served:
    """What each filament of a plate gets on `machine`."""
    loading = gates.loading_of(needs, machine)
    rows = [_serving(need, loading.slots.get(need.index)) for need in needs.filaments]
    doubts = list(filter(None, (loading.text, loading.short_text)))
    warnings = due_words(row.slot.spool_id for row in rows if row.slot)
    return Served(machine, rows, doubts, list(warnings.values()))


def _serving(need: FilamentNeed, slot: LoadedSlot | None) -> Serving:
    whole_g = grams_taken(need, slot or LoadedSlot(0))
    left_g = slot.grams_left if slot else None
    return Serving(need, slot, whole_g, 0.0 if left_g is None else max(0.0, whole_g - left_g))


def next_for(job: Job) -> Served | None:
    """The printer that would take the next copy, and its slots: one that fits, free and soonest first.

    None where nothing fits, or the file is not read yet.
    """
    plate = facts.plates_of([job]).get(job.pk)
    if plate is None:
        return None
    needs = facts.needs_of(job, plate)
    fitting = [one for one in lent.all_machines() if not gates.blocking(gates.fit(needs, one))]
    if not fitting:
        return None
    return served(needs, min(fitting, key=_how_soon))


def on(job: Job, machine: gates.Machine, slots: Mapping[str, int] | None = None) -> Served:
    """The slots of that machine for `job`, with those a person chose."""
    needs = facts.needs_of(job, facts.plates_of([job]).get(job.pk))
    return served(choose(needs, slots or {}), machine)


def _how_soon(machine: gates.Machine) -> tuple[bool, bool, bool, int, str]:
    busy = machine.held or machine.state not in {MachineState.IDLE, MachineState.FINISHED}
    return not machine.usable, busy, machine.plate != "clear", machine.remaining_s or 0, machine.name
