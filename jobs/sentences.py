"""Why a job waits, in one sentence a person can act on."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .gates import Gate, Machine, Moment
from .models import Job


@dataclass
class Found:
    """What one run of matching found for a job. `unfit` and `busy` hold what speaks against each machine.

    `held`: why it may go to none of them.
    """

    job: Job
    ready_file: bool
    moment: Moment
    planned: bool = False
    held: str = ""
    startable: list[Machine] = field(default_factory=list)
    busy: list[tuple[Machine, list[Gate]]] = field(default_factory=list)
    unfit: list[tuple[Machine, list[Gate]]] = field(default_factory=list)


def why_it_waits(found: Found) -> str:
    """The sentence; empty when a printer has been chosen for the next copy."""
    if found.planned:
        return ""
    if not found.ready_file:
        return _("Its file is still being read, or can't be.")
    if found.held:
        return _("It waits: %(why)s.") % {"why": found.held}
    if found.busy:
        return _no_printer_now(found)
    if found.startable:
        return _("%(printer)s did not start it the last time; it is tried again soon.") % {
            "printer": found.startable[0].name
        }
    return _nothing_fits(found)


def _no_printer_now(found: Found) -> str:
    """The machine with the least against it speaks for all that fit."""
    machine, gates = min(found.busy, key=lambda pair: (len(pair[1]), pair[0].remaining_s or 0, pair[0].name))
    names = {"printer": machine.name, "minutes": max(1, (machine.remaining_s or 0) // 60)}
    against = {gate.name for gate in gates}
    if not gates:
        return _("%(printer)s takes another job first.") % names
    if "not_before" in against:
        return _("It is not to start before %(when)s.") % {"when": _clock(found)}
    if against == {"switches"}:
        return _("%(printer)s could take it now: start it by hand, %(why)s.") % {
            **names,
            "why": gates[0].text,
        }
    if against <= {"plate", "switches"}:
        return _("%(printer)s is free, but its plate is not confirmed clear.") % names
    if "free" in against and machine.remaining_s:
        fitting = len(found.busy)
        text = ngettext(
            "The one printer that fits is busy: %(printer)s, about %(minutes)d min more.",
            "All %(count)d printers that fit are busy; next is %(printer)s in about %(minutes)d min.",
            fitting,
        )
        return text % {**names, "count": fitting}
    return _("Next would be %(printer)s: %(why)s.") % {**names, "why": "; ".join(gate.text for gate in gates)}


def _clock(found: Found) -> str:
    at = found.moment.not_before
    assert at is not None  # noqa: S101  # the gate failed because it is set
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _nothing_fits(found: Found) -> str:
    if not found.unfit:
        return _("There is no printer yet.")
    targeted = [pair for pair in found.unfit if "target" not in {gate.name for gate in pair[1]}]
    if not targeted:
        return _("The printer it is for no longer exists.")
    machine, gates = min(targeted, key=lambda pair: (len(pair[1]), pair[0].name))
    why = "; ".join(gate.text for gate in gates)
    if len(targeted) == 1:
        return _("%(printer)s can't take it: %(why)s.") % {"printer": machine.name, "why": why}
    return _("No printer fits; closest is %(printer)s: %(why)s.") % {"printer": machine.name, "why": why}
