"""Why a job waits, where it stands and what would start it sooner: sentences a person can act on."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .gates import Gate, Machine, Moment, Needs

# A machine that fits, what speaks against it now, and whether another job has it already.
Able = tuple[Machine, Sequence[Gate], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at the queue found for a job. `needs` is None of a file that is not ready, for its
    `problem` if it has one. `closest` is of the machines that do not fit."""

    moment: Moment
    needs: Needs | None = None
    problem: str = ""
    able: Sequence[Able] = ()
    closest: tuple[Machine, Sequence[Gate]] | None = None
    has_machines: bool = True
    is_first: bool = True


def why_it_waits(found: Found) -> str:
    """The sentence, and what would start it sooner."""
    if found.needs is None:
        return _unread(found.problem)
    if found.able:
        return _not_now(found)
    return _nothing_fits(found, found.needs)


def where_it_stands(place: int, fitting: int) -> str:
    """Its place in line for the printers that fit; empty where none does."""
    if not fitting:
        return ""
    return ngettext(
        "Number %(place)d in line for the one printer that fits.",
        "Number %(place)d in line for %(count)d printers that fit.",
        fitting,
    ) % {"place": place, "count": fitting}


def _unread(problem: str) -> str:
    if problem:
        return _("Its file can't be printed. %(problem)s") % {"problem": problem}
    return _("Its file is still being read.")


def _not_now(found: Found) -> str:
    """The machine with the least against it speaks for all that fit."""
    machine, gates, taken = min(
        found.able, key=lambda one: (len(one[1]), one[2], one[0].remaining_s or 0, one[0].name)
    )
    names = {"printer": machine.name, "why": "; ".join(gate.text for gate in gates)}
    against = {gate.name for gate in gates}
    if "not_before" in against:
        return _("It is not to start before %(when)s.") % {"when": _clock(found.moment)}
    if not gates:
        if taken:
            return _("%(printer)s takes another job first.") % names
        return _("%(printer)s did not start it the last time; it is tried again soon.") % names
    if against == {"switches"}:
        return _("%(printer)s could take it now: start it by hand, %(why)s.") % names
    if against <= {"plate", "switches"}:
        return _("%(printer)s is free, but its plate is not confirmed clear.") % names + _clear(found, names)
    if "free" in against and all({"free", "held"} & {gate.name for gate in one[1]} for one in found.able):
        return _all_busy(found, machine)
    return _("Next would be %(printer)s: %(why)s.") % names


def _clear(found: Found, names: dict[str, str]) -> str:
    return " " + _("Clear it to start this job sooner.") if found.is_first else ""


def _all_busy(found: Found, machine: Machine) -> str:
    count = len(found.able)
    if count == 1:
        return _("The one printer that fits is not free: %(printer)s.") % {"printer": machine.name}
    if not found.is_first or not machine.remaining_s:
        return _("None of the %(count)d printers that fit is free.") % {"count": count}
    return _("None of the %(count)d printers that fit is free; next is %(printer)s.") % {
        "count": count,
        "printer": machine.name,
    }


def _clock(moment: Moment) -> str:
    at = moment.not_before
    assert at is not None  # noqa: S101  # the gate failed because it is set
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _nothing_fits(found: Found, needs: Needs) -> str:
    if not found.has_machines:
        return _("There is no printer yet.")
    if found.closest is None and needs.allowed is not None:
        return _("It waits for a printer with a tag that whoever wants it may use: an admin sets these.")
    if found.closest is None:
        return _("The printer it is for no longer exists, or is lent no more.")
    machine, gates = found.closest
    names = {"printer": machine.name, "why": "; ".join(gate.text for gate in gates)}
    if needs.printer_id is not None:
        said = _("%(printer)s can't take it: %(why)s.") % names
    else:
        said = _("No printer fits; closest is %(printer)s: %(why)s.") % names
    # Whether there is enough of it can't be known before the right filament is there.
    alone = {gate.name for gate in gates} - ({"enough"} if gates[0].name == "material" else set())
    advice = _sooner(gates[0].name, machine, needs) if len(alone) == 1 else ""
    return f"{said} {advice}".strip()


def _sooner(gate: str, machine: Machine, needs: Needs) -> str:
    """What would make the one gate pass that does not; empty where nothing can be said."""
    wanted = " + ".join(dict.fromkeys(need.material for need in needs.filaments if need.material))
    if gate == "material" and wanted:
        return _("Load %(filament)s into %(printer)s to start it.") % {
            "filament": wanted,
            "printer": machine.name,
        }
    if gate == "enough":
        return _("Load a fuller spool into %(printer)s to start it.") % {"printer": machine.name}
    if gate == "nozzle" and needs.nozzles_mm:
        return _("It takes a printer with a nozzle of %(mm)g mm.") % {"mm": needs.nozzles_mm[0]}
    if gate == "abrasive":
        return _("It takes a printer with a hardened nozzle.")
    return ""
