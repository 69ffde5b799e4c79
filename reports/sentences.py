"""The fleet in words: why a printer is as it is, and the sentence over them all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from printers.drivers.driver import Fault
from printers.states import PrinterState, failed_words
from stations.models import Plate
from ui import figures


class Ending(Protocol):
    """As much of a printer as the sentence needs."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> PrinterState: ...
    @property
    def ends_at(self) -> datetime | None: ...


class Explained(Ending, Protocol):
    """As much of a printer as the reason for its state needs."""

    @property
    def plate(self) -> str: ...
    @property
    def faults(self) -> Sequence[Fault]: ...
    @property
    def out_of_service_reason(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def updated_at(self) -> datetime | None: ...
    @property
    def asks(self) -> bool:
        """Whether a start waits for a person's answer."""

    @property
    def guest(self) -> object | None:
        """The print of another organisation that it is held for."""

    @property
    def held_after(self) -> int:
        """After so many failed prints in a row nothing starts by itself; 0 otherwise."""

    @property
    def overdue(self) -> str:
        """The names of overdue maintenance until which nothing starts by itself; empty otherwise."""

    @property
    def last_number(self) -> int | None:
        """Of the job that is on the plate."""


def reason_of(one: Explained) -> str:
    """One sentence for states that want explaining; empty where the state says it all."""
    if one.state == PrinterState.NEEDS_YOU:
        return _need(one)
    if one.state == PrinterState.OUT_OF_SERVICE:
        return one.out_of_service_reason or _("Disabled: it takes no jobs.")
    if one.state == PrinterState.OFFLINE:
        since = figures.clock(one.updated_at)
        silent = _("No answer since %(time)s.") % {"time": since} if one.updated_at else _("No answer.")
        return one.problem or "; ".join(fault.text for fault in one.faults) or silent
    if one.state == PrinterState.UNKNOWN:
        return one.problem or _("Not heard from yet.")
    return "; ".join(fault.text for fault in one.faults)


def _need(one: Explained) -> str:
    if one.asks and one.guest:
        return _(
            "Nobody can say whether a borrowed print began. Look at the printer, then answer on its page."
        )
    if one.asks:
        return _("Nobody can say whether the print began. Look at the printer, then answer on the job.")
    if one.faults:
        return "; ".join(fault.text or fault.code for fault in one.faults)
    if one.held_after:
        held = _("Held: %(why)s.") % {"why": failed_words(one.held_after)}
        return f"{held} {_plate_words(one)}".strip()
    if one.overdue:
        words = _("Maintenance is overdue: %(what)s.") % {"what": one.overdue}
        return f"{words} {_plate_words(one)}".strip()
    return _plate_words(one) or _("It waits for a person: look at its screen.")


def _plate_words(one: Explained) -> str:
    """What is to be done with the plate; empty if nothing."""
    if one.plate == Plate.OCCUPIED:
        if one.last_number:
            return _("Plate to clear after #%(number)s.") % {"number": one.last_number}
        return _("Plate to clear.")
    if one.plate == Plate.UNKNOWN:
        return _("Look whether the plate is empty.")
    return ""


def next_free(fleet: Iterable[Ending]) -> Ending | None:
    """The printer that can take a job soonest: a ready one, else the one whose print ends first."""
    best: Ending | None = None
    for one in fleet:
        if one.state == PrinterState.READY:
            return one
        if one.state == PrinterState.PRINTING and one.ends_at:
            best = one if best is None or best.ends_at is None or one.ends_at < best.ends_at else best
    return best


def fleet_sentence(fleet: Sequence[Ending]) -> str:
    """What runs, what needs a hand and what is free next: "7 of 12 printers run; 2 need you; …"."""
    counts = Counter(one.state for one in fleet)
    runs = counts[PrinterState.PRINTING] + counts[PrinterState.PREPARING]
    parts = [
        ngettext("%(runs)s of %(all)s printer runs", "%(runs)s of %(all)s printers run", len(fleet))
        % {"runs": runs, "all": len(fleet)}
    ]
    if needing := counts[PrinterState.NEEDS_YOU]:
        parts.append(ngettext("%(n)s needs you", "%(n)s need you", needing) % {"n": needing})
    free = next_free(fleet)
    if free is not None:
        parts.append(free_words(free))
    return "; ".join(parts) + "."


def free_words(one: Ending) -> str:
    """As in "next free: Voron 1 in 12 min"."""
    when = _("now") if one.state == PrinterState.READY else figures.relative(one.ends_at)
    return _("next free: %(name)s %(when)s") % {"name": one.name, "when": when}
