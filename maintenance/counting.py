"""The hours that printers have printed: counted as prints end, corrected by people."""

from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit.trail import record
from orgs import agenda
from orgs.current import current_org
from printers import live
from printers.models import Printer

from .due import HOUR_S, Standing
from .models import MOST_HOURS, Meter, Task
from .reckoning import reckoned
from .refusing import Refused

LOOK, MATCH = "maintenance.look", "jobs.match"
# Nothing prints longer at a time: a printer that tells more is mistaken.
MOST_PRINT_S = 60 * 24 * HOUR_S
# In a standing that nobody has been told of yet.
NEWS = Q(standing=Standing.OVERDUE) & ~Q(told=Standing.OVERDUE) | Q(standing=Standing.DUE, told="")


def count(printer_id: UUID, printed_s: int) -> None:
    """Add what a print took, in the transaction of its end, however it ended.

    The caller sees to it that a print ends once, and holds the station. Call it before anything that makes
    the queue due: the agenda's rows are taken in this order everywhere.
    """
    printed_s = min(printed_s, MOST_PRINT_S)
    if printed_s <= 0 or not Printer.objects.filter(pk=printer_id).exists():
        return
    Meter.objects.get_or_create(printer_id=printer_id)
    Meter.objects.filter(printer=printer_id).update(printed_s=F("printed_s") + printed_s)
    if reckoned(Task.objects.filter(printer=printer_id)).filter(NEWS).exists():
        agenda.due_now(LOOK)


def meter_of(printer: Printer) -> Meter:
    """Its meter, unsaved where nothing has been counted yet."""
    return Meter.objects.filter(printer=printer).first() or Meter(printer=printer)


def correct(printer: Printer, printed_s: int, *, counts_for_tasks: bool, seen_s: int | None = None) -> None:
    """Let the meter show `printed_s`.

    With `counts_for_tasks` the difference was printed since the last maintenance, so tasks and nozzle get it
    too; without, it was before, and they stand as they stood. Refused if the meter no longer shows `seen_s`.
    """
    if not 0 <= printed_s <= MOST_HOURS * HOUR_S:
        raise Refused(_("Give the hours as a number from 0 to %(most)d.") % {"most": MOST_HOURS})
    org = current_org()
    with transaction.atomic():
        Meter.objects.get_or_create(printer=printer)
        meter = Meter.objects.select_for_update(no_key=True).get(printer=printer)
        if seen_s is not None and meter.printed_s != seen_s:
            raise Refused(_("A print has ended since the page was loaded. Look at the hours again."))
        more = printed_s - meter.printed_s
        fields = {"printed_s": F("printed_s") + more}
        if not counts_for_tasks:
            fields["nozzle_since_s"] = F("nozzle_since_s") + more
            Task.objects.filter(printer=printer).update(since_s=F("since_s") + more)
        Meter.objects.filter(printer=printer).update(**fields)
        before, after = meter.printed_s / HOUR_S, printed_s / HOUR_S
        record(
            "maintenance.correct_hours",
            printer,
            before={"hours": round(before, 1)},
            after={"hours": round(after, 1), "counts_for_tasks": counts_for_tasks},
        )
        transaction.on_commit(lambda: live.touch(org.pk, [printer.pk]), robust=True)
        agenda.due_now(LOOK)
        agenda.due_now(MATCH)
