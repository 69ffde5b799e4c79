"""The one state a printer is shown in, made of what the machine says and what people say of it."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from printers.drivers.driver import MachineState, Status

CLEAR_PLATE = "clear"


class PrinterState(models.TextChoices):
    NEEDS_YOU = "needs_you", _("needs you")
    PRINTING = "printing", _("printing")
    PAUSED = "paused", _("paused")
    PREPARING = "preparing", _("preparing")
    READY = "ready", _("ready")
    OUT_OF_SERVICE = "out_of_service", _("out of service")
    OFFLINE = "offline", _("offline")
    UNKNOWN = "unknown", _("unknown")


S, M = PrinterState, MachineState

# Problems first, then what moves, then what waits.
ORDER = (S.NEEDS_YOU, S.OFFLINE, S.UNKNOWN, S.PAUSED, S.PRINTING, S.PREPARING, S.READY, S.OUT_OF_SERVICE)
_PLACES: Mapping[PrinterState, int] = {state: place for place, state in enumerate(ORDER)}

# What the machine says, where neither a fault nor the plate says more.
_MACHINE: Mapping[MachineState, PrinterState] = {
    M.OFFLINE: S.OFFLINE,
    M.IDLE: S.READY,
    M.PREPARING: S.PREPARING,
    M.PRINTING: S.PRINTING,
    M.PAUSED: S.PAUSED,
    M.FINISHED: S.READY,
    M.ERROR: S.NEEDS_YOU,
    M.BUSY: S.PREPARING,
    M.UNKNOWN: S.UNKNOWN,
}


def has_fault(status: Status) -> bool:
    """Whether the printer itself asks for a person: it stopped, or waits for a reason."""
    grave = {"error", "warning"} if status.state is M.PAUSED else {"error"}
    return status.state is M.ERROR or any(fault.severity in grave for fault in status.faults)


def shown(
    status: Status | None,
    *,
    enabled: bool,
    out_of_service: bool,
    plate: str,
    fresh: bool,
    needs_person: bool = False,
    held: bool = False,
    held_after: int = 0,
    overdue: bool = False,
) -> PrinterState:
    """The state to show. `status` is None if none is known; `plate` is a value of stations.models.Plate.

    `needs_person` tells of a question only a person can answer, such as a start nobody can vouch for; `held`
    that a print is on its way to it, of which the machine itself knows nothing yet; `held_after` that nothing
    starts by itself on it after so many failed prints, `overdue` that nothing does until its maintenance is
    done.
    """
    if not enabled or out_of_service:
        return S.OUT_OF_SERVICE
    if needs_person:
        return S.NEEDS_YOU
    if status is None:
        return S.UNKNOWN
    if not fresh or status.state is M.OFFLINE:
        return S.OFFLINE
    if has_fault(status):
        return S.NEEDS_YOU
    if not status.full:
        return S.UNKNOWN
    state = _MACHINE[status.state]
    if held and state is S.READY:
        return S.PREPARING
    waits_for_a_hand = plate != CLEAR_PLATE or held_after or overdue
    return S.NEEDS_YOU if state is S.READY and waits_for_a_hand else state


def failed_words(count: int) -> str:
    """What `count` failed prints in a row are called where nothing more starts by itself after them."""
    return ngettext("the last print failed", "%(n)d prints in a row failed", count) % {"n": count}


def order_of(state: PrinterState) -> int:
    """Where printers of this state stand in a list: what needs you first."""
    return _PLACES[state]
