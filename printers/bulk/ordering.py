"""Orders to many machines: each is told once, and what it answers is its outcome."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Outcome, Refused, Values, alone
from printers.drivers import DRIVERS
from printers.drivers.driver import DriverError, MachineState
from printers.telling import Order, tell_all

from .facts import Row, runs, seen_of

M = MachineState


def _prints(row: Row) -> bool:
    return row.facts.machine is M.PRINTING


def _is_paused(row: Row) -> bool:
    return row.facts.machine is M.PAUSED


def _has_errors(row: Row) -> bool:
    return bool(row.facts.faults) or row.facts.machine is M.ERROR


def _unheard(row: Row) -> str:
    return _("It is not heard from.") if row.facts.machine in (M.OFFLINE, M.UNKNOWN) else ""


def _another(row: Row) -> str:
    """Why an order for the print that was seen would meet another one."""
    seen = seen_of(row).get("job_key", row.facts.job_key)
    return "" if seen == row.facts.job_key else _("Another print is on it than the one you saw.")


def _why_not_paused(row: Row, values: Values | None) -> str:
    if _is_paused(row):
        return _("It is paused already.")
    if row.facts.machine is M.PREPARING:
        return _("It is still preparing. It can be paused once it prints.")
    return _another(row) if _prints(row) else _unheard(row) or _("Nothing prints on it.")


def _why_not_resumed(row: Row, values: Values | None) -> str:
    return _another(row) if _is_paused(row) else _unheard(row) or _("It is not paused.")


def _why_not_cancelled(row: Row, values: Values | None) -> str:
    return _another(row) if runs(row) else _unheard(row) or _("Nothing prints on it.")


def _why_not_cleared(row: Row, values: Values | None) -> str:
    driver = DRIVERS.get(row.facts.protocol)
    if driver is None or not driver.clears_errors:
        return _("Its errors can be cleared only on its own screen.")
    return "" if _has_errors(row) else _unheard(row) or _("It reports no error.")


def _key(row: Row) -> Memory:
    return {"job_key": row.facts.job_key}


def _order(printer: Any, name: str) -> Order:
    """For the print that was seen; one that the printer has no name for can't be told from a later one."""
    if name == "clear_errors":
        return Order(printer, name)
    key = seen_of(printer).get("job_key", "")
    if not key and name == "cancel":
        raise Refused(_("The printer does not say which print this is. Cancel it on its own page."))
    return Order(printer, name, key)


def _tell(name: str, printers: Sequence[Any], values: Values) -> Iterator[Outcome]:
    orders = []
    for printer in printers:
        try:
            orders.append(_order(printer, name))
        except Refused as reason:
            yield printer, reason
    for printer, said in tell_all(orders):
        yield printer, said if isinstance(said, DriverError) else None


_pause, _resume = partial(_tell, "pause"), partial(_tell, "resume")
_cancel, _clear_errors = partial(_tell, "cancel"), partial(_tell, "clear_errors")


PAUSE = BulkAction(
    label=gettext_lazy("Pause"),
    ask=gettext_lazy("Pause %(rows)s"),
    consequence=gettext_lazy("Their prints wait, with the heaters on, until somebody resumes them."),
    done=gettext_lazy("paused"),
    icon="pause",
    required="printer.control",
    is_for=_prints,
    why_not=_why_not_paused,
    run=alone(_pause),
    together=_pause,
    seen=_key,
    touches_machines=True,
)
RESUME = BulkAction(
    label=gettext_lazy("Resume"),
    ask=gettext_lazy("Resume %(rows)s"),
    consequence=gettext_lazy("They move at once: see that no hand is in them."),
    done=gettext_lazy("resumed"),
    icon="play",
    required="printer.control",
    is_for=_is_paused,
    why_not=_why_not_resumed,
    run=alone(_resume),
    together=_resume,
    seen=_key,
    touches_machines=True,
)
CANCEL = BulkAction(
    label=gettext_lazy("Cancel print"),
    ask=gettext_lazy("Cancel the prints of %(rows)s"),
    consequence=gettext_lazy(
        "What is printed so far is lost, and the plates have to be cleared by hand. A print that begins "
        "meanwhile is left alone."
    ),
    done=gettext_lazy("told to cancel"),
    icon="ban",
    required="printer.control",
    is_for=runs,
    why_not=_why_not_cancelled,
    run=alone(_cancel),
    together=_cancel,
    seen=_key,
    destructive=True,
    touches_machines=True,
)
CLEAR_ERRORS = BulkAction(
    label=gettext_lazy("Clear errors"),
    ask=gettext_lazy("Clear the errors of %(rows)s"),
    consequence=gettext_lazy("A printer that has stopped for good restarts its firmware."),
    done=gettext_lazy("told to clear their errors"),
    icon="eraser",
    required="printer.control",
    is_for=_has_errors,
    why_not=_why_not_cleared,
    run=alone(_clear_errors),
    together=_clear_errors,
    touches_machines=True,
)
