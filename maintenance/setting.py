"""Adding, changing and taking away the tasks of printers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import record
from orgs import agenda
from orgs.current import current_org
from printers import live
from printers.models import Printer

from . import warning
from .counting import LOOK, MATCH, meter_of
from .due import today
from .models import PLAN, Task
from .refusing import Refused

COUNTED = ("used_s", "since_on")


def today_here() -> date:
    """The day it is where the organisation is."""
    return today(timezone.now(), current_org().zone)


def add(
    printer: Printer, fields: Mapping[str, Any], *, used_s: int = 0, since_on: date | None = None
) -> Task:
    """A new task. It counts from now, or as last done on `since_on`, `used_s` of printing ago."""
    with transaction.atomic():
        task = Task.objects.create(
            printer=printer,
            since_s=meter_of(printer).printed_s - used_s,
            since_on=since_on or today_here(),
            **fields,
        )
        record("maintenance.add", task, after=_told(task))
        changed(printer)
    return task


def edit(
    task: Task, fields: Mapping[str, Any], *, used_s: int | None = None, since_on: date | None = None
) -> Task:
    """Change some of PLAN, or from when it counts; what people were told of it is told anew if still true."""
    with transaction.atomic():
        kept = held(task)
        before = _told(kept)
        for name, value in fields.items():
            setattr(kept, name, value)
        if used_s is not None:
            kept.since_s = meter_of(kept.printer).printed_s - used_s
        if since_on is not None:
            kept.since_on = since_on
        after = _told(kept)
        if after != before:
            begin_round(kept)
            kept.save()
            record("maintenance.edit", kept, before=before, after=after)
            changed(kept.printer)
    return kept


def delete(task: Task) -> None:
    """The log keeps what was done."""
    with transaction.atomic():
        kept = held(task)
        warning.settle([kept])
        record("maintenance.delete", kept, before=_told(kept))
        kept.delete()
        changed(kept.printer)


def held(task: Task) -> Task:
    """The task, locked until the transaction ends; Refused if somebody took it away."""
    locked = Task.objects.select_for_update(of=("self",), no_key=True)
    found = locked.select_related("printer").filter(pk=task.pk).first()
    if found is None:
        raise Refused(_("Somebody has deleted this task meanwhile."))
    return found


def begin_round(task: Task) -> None:
    """Set on `task`, unsaved: nothing has been told of it, and pages of before are old."""
    warning.settle([task])
    task.round, task.told = task.round + 1, ""


def changed(*printers: Printer) -> None:
    """Let pages, the next look and the queue know. Call it last in the transaction."""
    org, ids = current_org(), [printer.pk for printer in printers]
    transaction.on_commit(lambda: live.touch(org.pk, ids), robust=True)
    agenda.due_now(LOOK)
    agenda.due_now(MATCH)


def _told(task: Task) -> dict[str, Any]:
    return {
        "printer": task.printer.name,
        **{name: getattr(task, name) for name in PLAN},
        "since_s": task.since_s,
        "since_on": str(task.since_on),
    }
