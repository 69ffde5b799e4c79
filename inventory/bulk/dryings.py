"""Writing down that many spools were dried together."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.trail import actor
from bulk.actions import BulkAction, Memory, Refused, Value, Values
from inventory.drying import sessions
from inventory.drying.fields import (
    device_field,
    hours_field,
    humidity_after_field,
    humidity_before_field,
    note_field,
    temperature_field,
)
from inventory.models import Drying, Spool

from .shelves import CHANGED, in_use, why_archived


def _not_dried(spool: Spool, values: Values | None) -> str:
    return why_archived(spool)


def _dry(spool: Spool, values: Values) -> Memory:
    said: dict[str, Any] = {name: value for name, value in values.items() if value not in (None, "")}
    said["hours"] = Decimal(str(said["hours"]))
    who = actor().id
    by = User.objects.filter(pk=who).first() if who else None
    (drying,) = sessions.add([spool], said, by)
    return {"drying": str(drying.pk), "at": drying.at.isoformat()}


def _take_back(spool: Spool, memory: Memory) -> None:
    drying = Drying.objects.filter(pk=UUID(memory["drying"]), spool=spool).select_related("spool").first()
    if drying is None or drying.at.isoformat() != memory["at"]:
        raise Refused(str(CHANGED))
    sessions.delete(drying)


MARK_DRIED = BulkAction(
    label=gettext_lazy("Mark dried"),
    ask=gettext_lazy("Mark %(rows)s as dried"),
    consequence=gettext_lazy("Each gets a session that has ended just now."),
    done=gettext_lazy("marked dried"),
    icon="droplets",
    required="spool.edit",
    is_for=in_use,
    values={
        "temperature_c": Value(temperature_field),
        "hours": Value(hours_field),
        "humidity_before": Value(humidity_before_field, optional=True),
        "humidity_after": Value(humidity_after_field, optional=True),
        "device": Value(device_field, sessions.used_devices, optional=True),
        "note": Value(note_field, optional=True),
    },
    why_not=_not_dried,
    run=_dry,
    undo=_take_back,
)
