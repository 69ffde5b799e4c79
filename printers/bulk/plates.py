"""The plates of many printers, as somebody has seen them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Values
from printers import plates
from printers.models import Printer
from stations.models import Plate

from .facts import Row, runs, seen_of


def _wants_a_hand(row: Row) -> bool:
    return row.facts.plate != Plate.CLEAR and not runs(row)


def _why_not(row: Row, values: Values | None) -> str:
    """The words for one that has changed since it was seen are those of `plates.clear`, which looks last."""
    if row.facts.plate == Plate.CLEAR:
        return _("Its plate is known to be clear.")
    if runs(row) or row.facts.is_taken:
        return _("A print is on it, or on its way to it.")
    return ""


def _epoch(row: Row) -> Memory:
    return {"plate_epoch": row.facts.plate_epoch}


def _clear(printer: Printer, values: Values) -> None:
    plates.clear(printer.pk, seen_epoch=seen_of(printer)["plate_epoch"])  # type: ignore[arg-type]  # look_up


PLATE_CLEARED = BulkAction(
    label=gettext_lazy("Plate cleared"),
    ask=gettext_lazy("The plates of %(rows)s are empty"),
    consequence=gettext_lazy("Are all these plates empty? The next jobs may then start on them."),
    done=gettext_lazy("cleared"),
    icon="check",
    required="printer.control",
    is_for=_wants_a_hand,
    why_not=_why_not,
    run=_clear,
    seen=_epoch,
)
