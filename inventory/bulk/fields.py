"""Moving many spools, and giving them a price or a lot: one field of the spool each."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Value, Values
from inventory import keeping
from inventory.drying.fields import LineField
from inventory.models import Spool
from inventory.table import locations

from .shelves import CHANGED, in_use, why_archived

MOST_COST = Decimal("999999.99")


def _location_field() -> forms.Field:
    words = _("Empty: they belong to no place.")
    return LineField(label=_("Location"), max_length=80, required=False, help_text=words)


def _lot_field() -> forms.Field:
    return LineField(label=_("Lot"), max_length=60, required=False, help_text=_("Empty: none is known."))


def _cost_field() -> forms.Field:
    return forms.DecimalField(
        label=_("Cost of a spool"),
        min_value=Decimal(0),
        max_value=MOST_COST,
        max_digits=8,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01", "min": "0"}),
    )


def _as_kept(name: str, given: Any) -> Any:
    """A value of a run, which was through JSON, as the spool has it."""
    return Decimal(str(given)) if name == "cost" else given


def _why_not(name: str, same: Any) -> Callable[[Spool, Values | None], str]:
    def why_not(spool: Spool, values: Values | None) -> str:
        if spool.archived_at:
            return why_archived(spool)
        return str(same) if values and getattr(spool, name) == _as_kept(name, values[name]) else ""

    return why_not


def _run(name: str) -> Callable[[Spool, Values], Memory | None]:
    def run(spool: Spool, values: Values) -> Memory | None:
        before, after = getattr(spool, name), _as_kept(name, values[name])
        keeping.edit(spool, {name: after})
        return {"before": str(before), "after": str(after)}

    return run


def _undo(name: str) -> Callable[[Spool, Memory], None]:
    def undo(spool: Spool, memory: Memory) -> None:
        if getattr(spool, name) != _as_kept(name, memory["after"]):
            raise Refused(str(CHANGED))
        keeping.edit(spool, {name: _as_kept(name, memory["before"])})

    return undo


MOVE = BulkAction(
    label=gettext_lazy("Move"),
    ask=gettext_lazy("Move %(rows)s"),
    consequence=gettext_lazy("Loaded ones stay in their slots and belong there afterwards."),
    done=gettext_lazy("moved"),
    icon="map-pin",
    required="spool.edit",
    is_for=in_use,
    values={"location": Value(_location_field, locations)},
    why_not=_why_not("location", gettext_lazy("It is there already.")),
    run=_run("location"),
    undo=_undo("location"),
)
SET_PRICE = BulkAction(
    label=gettext_lazy("Set price"),
    ask=gettext_lazy("Set the price of %(rows)s"),
    consequence=gettext_lazy("What was printed before keeps its cost."),
    done=gettext_lazy("priced"),
    icon="coins",
    required="spool.edit",
    is_for=in_use,
    values={"cost": Value(_cost_field)},
    why_not=_why_not("cost", gettext_lazy("It costs that already.")),
    run=_run("cost"),
    undo=_undo("cost"),
)
SET_LOT = BulkAction(
    label=gettext_lazy("Set lot"),
    ask=gettext_lazy("Set the lot of %(rows)s"),
    done=gettext_lazy("given the lot"),
    icon="hash",
    required="spool.edit",
    is_for=in_use,
    values={"lot": Value(_lot_field)},
    why_not=_why_not("lot", gettext_lazy("It is of that lot already.")),
    run=_run("lot"),
    undo=_undo("lot"),
)
