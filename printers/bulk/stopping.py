"""The emergency stop as an action on many printers."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Outcome, Values, alone
from printers import stopping
from printers.drivers.driver import MachineState

from .facts import Row

M = MachineState
# Those that may be burning something first; those that will hardly answer last.
URGENCY = {M.PRINTING: 0, M.PREPARING: 0, M.PAUSED: 0, M.BUSY: 0, M.ERROR: 1, M.IDLE: 2, M.FINISHED: 2}


def _always(row: Row, values: Values | None) -> str:
    return ""


def _as_it_was(row: Row) -> Memory:
    return {"machine": row.facts.machine.value, "is_taken": row.facts.is_taken}


def _urgency(row: Row) -> int:
    return URGENCY.get(row.facts.machine, 3)


def _stop_all(printers: Sequence[Any]) -> Iterator[Outcome]:
    in_turn: list[Any] = sorted(printers, key=_urgency)
    return stopping.stop(in_turn)


STOP = BulkAction(
    label=gettext_lazy("Emergency stop"),
    ask=gettext_lazy("Stop %(rows)s now"),
    consequence=gettext_lazy(
        "Heaters and motors go off at once and the prints are lost. The printers are taken out of service "
        "until somebody has looked at them, and some have to be restarted."
    ),
    done=gettext_lazy("told to stop"),
    icon="octagon-x",
    required="printer.control",
    why_not=_always,
    run=alone(lambda printers, values: _stop_all(printers)),
    rush=_stop_all,
    seen=_as_it_was,
    destructive=True,
    place="printers:stopped",
)
