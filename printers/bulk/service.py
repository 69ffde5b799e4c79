"""Many printers in and out of service."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Value, Values
from printers.models import Printer
from printers.ordering import set_service

from .facts import Row

CHANGED = gettext_lazy("It was changed since.")
LONGEST_REASON = 200


def _is_in_service(row: Row) -> bool:
    return row.facts.enabled and not row.facts.out_of_service_reason


def _is_out(row: Row) -> bool:
    return not _is_in_service(row)


def _is_enabled(row: Row) -> bool:
    return row.facts.enabled


def _why_not_enabled(row: Row, values: Values | None) -> str:
    return _("It is in service already.") if _is_in_service(row) else ""


def _why_not_disabled(row: Row, values: Values | None) -> str:
    return "" if row.facts.enabled else _("It is disabled already.")


def _why_not_put_out(row: Row, values: Values | None) -> str:
    if values and row.facts.out_of_service_reason == values["reason"]:
        return _("It is out of service for this reason already.")
    return ""


def _service_of(printer: Printer) -> list[Any]:
    return [printer.enabled, printer.out_of_service_reason]


def _set(printer: Printer, *, enabled: bool | None = None, reason: str | None = None) -> Memory:
    """Change it, as it is at this moment: others edit printers while a run goes on."""
    now = Printer.objects.get(pk=printer.pk)
    before = _service_of(now)
    set_service(now, enabled=enabled, reason=reason)
    return {"from": before, "to": _service_of(now)}


def _set_back(printer: Printer, memory: Memory) -> None:
    now = Printer.objects.get(pk=printer.pk)
    if _service_of(now) != memory["to"]:
        raise Refused(str(CHANGED))
    enabled, reason = memory["from"]
    set_service(now, enabled=enabled, reason=reason)


def _enable(printer: Printer, values: Values) -> Memory:
    return _set(printer, enabled=True, reason="")


def _disable(printer: Printer, values: Values) -> Memory:
    return _set(printer, enabled=False)


def _put_out(printer: Printer, values: Values) -> Memory:
    return _set(printer, reason=values["reason"])


def _reason_field() -> forms.Field:
    words = _("Others read this on the printer.")
    return forms.CharField(label=_("Why"), max_length=LONGEST_REASON, help_text=words)


ENABLE = BulkAction(
    label=gettext_lazy("Back in service"),
    ask=gettext_lazy("Put %(rows)s back in service"),
    done=gettext_lazy("put back in service"),
    icon="power",
    required="printer.edit",
    is_for=_is_out,
    why_not=_why_not_enabled,
    run=_enable,
    undo=_set_back,
)
DISABLE = BulkAction(
    label=gettext_lazy("Disable"),
    ask=gettext_lazy("Disable %(rows)s"),
    done=gettext_lazy("disabled"),
    icon="power-off",
    required="printer.edit",
    is_for=_is_enabled,
    why_not=_why_not_disabled,
    run=_disable,
    undo=_set_back,
)
OUT_OF_SERVICE = BulkAction(
    label=gettext_lazy("Out of service"),
    ask=gettext_lazy("Take %(rows)s out of service"),
    consequence=gettext_lazy("They take no more jobs. What prints goes on."),
    done=gettext_lazy("taken out of service"),
    icon="wrench",
    required="printer.edit",
    values={"reason": Value(_reason_field)},
    why_not=_why_not_put_out,
    run=_put_out,
    undo=_set_back,
)
