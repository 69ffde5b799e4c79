"""Which printers can take a file, which not, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from models3d.models import Plate, Revision

from . import facts
from .comparing import Check, compared
from .gates import Gate, Machine, Needs, Verdict, fit, verdict_of

WORDS = {Verdict.PASS: "yes", Verdict.FAIL: "no", Verdict.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class Fit:
    """`fits` is yes, no or unknown; `reasons` in words, empty for yes; `checks` has all that was compared."""

    printer_id: UUID
    printer: str
    fits: str
    reasons: list[str]
    checks: list[Check]


def fits(revision: Revision, plate: Plate | None, only: Iterable[UUID] | None = None) -> list[Fit]:
    """How `plate` fits each printer as it is equipped and loaded now; fitting ones first."""
    needs = facts.needs_of_plate(revision, plate)
    origins = revision.metadata.get("origins") or {}
    found = [_fit(needs, machine, origins) for machine in facts.machines(only)]
    return sorted(found, key=lambda one: (list(WORDS.values()).index(one.fits), one.printer))


def _fit(needs: Needs, machine: Machine, origins: Mapping[str, str]) -> Fit:
    gates = fit(needs, machine)
    checks = compared(gates, needs, machine, origins)
    return Fit(machine.id, machine.name, WORDS[verdict_of(gates)], reasons(gates), checks)


def reasons(gates: tuple[Gate, ...]) -> list[str]:
    """What does not pass, failures before unknowns."""
    shown = sorted(
        (gate for gate in gates if gate.verdict is not Verdict.PASS), key=lambda gate: gate.verdict
    )
    return [gate.text for gate in shown]
