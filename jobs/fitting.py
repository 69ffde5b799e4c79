"""Which printers can take a file, which not, and why; and what to mind, which never counts against one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from inventory.drying.wording import due_words
from models3d.models import Plate, Revision

from . import facts
from .comparing import Check, compared
from .gates import Gate, Machine, Needs, Verdict, fit, loading_of, verdict_of
from .lending import lent

WORDS = {Verdict.PASS: "yes", Verdict.FAIL: "no", Verdict.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class Fit:
    """`fits` is yes, no or unknown; `reasons` in words, empty for yes; `checks` has all that was compared.

    `warnings` are advice, such as that a spool needs drying: no gate asks them, so no start waits for them.
    """

    printer_id: UUID
    printer: str
    fits: str
    reasons: list[str]
    checks: list[Check]
    is_lent: bool
    warnings: list[str]


def fits(revision: Revision, plate: Plate | None, only: Iterable[UUID] | None = None) -> list[Fit]:
    """How `plate` fits each printer as it is equipped and loaded now; fitting ones first.

    Without `only` also those that are lent to us.
    """
    needs = facts.needs_of_plate(revision, plate)
    origins = revision.metadata.get("origins") or {}
    machines = facts.machines(only) if only is not None else lent.all_machines()
    spools = {machine.id: _spools(needs, machine) for machine in machines}
    due = due_words(pk for taken in spools.values() for pk in taken)
    found = [
        _fit(needs, machine, origins, [due[pk] for pk in spools[machine.id] if pk in due])
        for machine in machines
    ]
    return sorted(found, key=lambda one: (list(WORDS.values()).index(one.fits), one.printer))


def _fit(needs: Needs, machine: Machine, origins: Mapping[str, str], warnings: list[str]) -> Fit:
    gates = fit(needs, machine)
    checks = compared(gates, needs, machine, origins)
    return Fit(
        machine.id,
        machine.name,
        WORDS[verdict_of(gates)],
        reasons(gates),
        checks,
        bool(machine.lent),
        warnings,
    )


def _spools(needs: Needs, machine: Machine) -> list[UUID]:
    """The spools that would serve `needs` there."""
    slots = loading_of(needs, machine).slots.values()
    return [slot.spool_id for slot in slots if slot.spool_id]


def reasons(gates: tuple[Gate, ...]) -> list[str]:
    """What does not pass, failures before unknowns."""
    shown = sorted(
        (gate for gate in gates if gate.verdict is not Verdict.PASS), key=lambda gate: gate.verdict
    )
    return [gate.text for gate in shown]
