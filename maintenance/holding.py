"""What overdue and due tasks mean for printers: which of them hold theirs, and what a card shows."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from .due import Standing
from .models import Task
from .reckoning import OVERDUE, reckoned

FEW = 50


@dataclass(frozen=True, slots=True)
class Care:
    """The worst standing of a printer's tasks, and the names of those that hold it, empty for none."""

    standing: Standing
    held_by: str = ""


def held_by(printers: Collection[UUID] | None = None) -> dict[UUID, str]:
    """Which of these printers (all) overdue tasks hold, with the names of the tasks; one query."""
    tasks = Task.objects.filter(holds=True)
    if printers is not None:
        tasks = tasks.filter(printer__in=printers)
    found: dict[UUID, list[str]] = {}
    rows = reckoned(tasks).filter(OVERDUE).order_by("name")
    for printer, name in rows.values_list("printer_id", "name"):
        found.setdefault(printer, []).append(name)
    return {printer: ", ".join(names) for printer, names in found.items()}


def cares_of(printers: Collection[UUID]) -> dict[UUID, Care]:
    """What is due or overdue on these printers; those with nothing of it are left out. One query."""
    # Of a whole farm all is read: naming its printers costs more than the few tasks that are due.
    tasks = Task.objects.filter(printer__in=printers) if len(printers) <= FEW else Task.objects.all()
    rows = reckoned(tasks).exclude(standing=Standing.FINE)
    found: dict[UUID, Care] = {}
    for printer, name, holds, said in rows.order_by("name").values_list(
        "printer_id", "name", "holds", "standing"
    ):
        known, standing = found.get(printer), Standing(said)
        is_over = standing is Standing.OVERDUE
        names = [known.held_by] if known and known.held_by else []
        if is_over and holds:
            names.append(name)
        worst = Standing.OVERDUE if is_over or (known and known.standing is Standing.OVERDUE) else standing
        found[printer] = Care(worst, ", ".join(names))
    return found
