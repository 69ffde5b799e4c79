"""Which printers can take a file, which not, and why."""

from dataclasses import dataclass
from uuid import UUID

from models3d.models import Plate, Revision

from . import facts
from .gates import Gate, Machine, Needs, Verdict, fit, verdict_of

WORDS = {Verdict.PASS: "yes", Verdict.FAIL: "no", Verdict.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class Fit:
    """`fits` is yes, no or unknown; `reasons` in words, empty for yes."""

    printer_id: UUID
    printer: str
    fits: str
    reasons: list[str]


def fits(revision: Revision, plate: Plate | None) -> list[Fit]:
    """How `plate` fits each printer as it is equipped and loaded now; fitting ones first."""
    needs = facts.needs_of_plate(revision, plate)
    found = [_fit(needs, machine) for machine in facts.machines()]
    return sorted(found, key=lambda one: (list(WORDS.values()).index(one.fits), one.printer))


def _fit(needs: Needs, machine: Machine) -> Fit:
    gates = fit(needs, machine)
    return Fit(machine.id, machine.name, WORDS[verdict_of(gates)], reasons(gates))


def reasons(gates: tuple[Gate, ...]) -> list[str]:
    """What does not pass, failures before unknowns."""
    shown = sorted(
        (gate for gate in gates if gate.verdict is not Verdict.PASS), key=lambda gate: gate.verdict
    )
    return [gate.text for gate in shown]
