"""Prints that were started at the machine itself: what they take is counted too, each once.

One that runs is a row, so a restart changes nothing. All of this is done under the lock of the printer's
station, with full reports.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from printers.drivers import DRIVERS
from printers.drivers.driver import Driver, MachineState, Status
from printers.models import Printer, Reading
from printers.telemetry import MINUTE

from .counting import MOST_PRINT_S, count
from .models import ForeignPrint

ACTIVE = frozenset({MachineState.PREPARING, MachineState.PRINTING, MachineState.PAUSED})
# A report may be older than the one before it: a print that is seen again so soon has not ended.
STALE = timedelta(seconds=60)


def follow(printer_id: UUID, status: Status) -> None:
    """Take in a report of a print that is not ours, or of none; the end of one is counted."""
    known = ForeignPrint.objects.filter(printer=printer_id).first()
    runs = status.state in ACTIVE
    if known is not None and known.is_running:
        if runs and (known.key == status.job_key or not known.key or not status.job_key):
            # Some printers name a print only after it has begun.
            ForeignPrint.objects.filter(pk=known.pk).update(key=status.job_key or known.key)
            return
        _end(known, _told_s(known, status), timezone.now())
    if runs:
        _begin(printer_id, known, status)


def after_gap(printer_id: UUID, status: Status) -> None:
    """This report is the first for a while: of what ended unseen, no more is counted than was seen of it."""
    known = ForeignPrint.objects.filter(printer=printer_id, ended_at=None).first()
    if known is None or (status.state in ACTIVE and status.job_key == known.key):
        return
    rows = Reading.objects.filter(printer=printer_id, at__gte=known.since - MINUTE)
    seen: datetime | None = rows.aggregate(last=Max("at"))["last"]
    _end(known, _told_s(known, status), seen + MINUTE if seen else known.since)


def forget(printer_id: UUID) -> None:
    """What was taken for somebody else's is ours, and counted as such."""
    ForeignPrint.objects.filter(printer=printer_id, ended_at=None).delete()


def _begin(printer_id: UUID, known: ForeignPrint | None, status: Status) -> None:
    printer = Printer.objects.filter(pk=printer_id).first()
    if printer is None:
        return
    now = timezone.now()
    if known is not None and _goes_on(known, status, DRIVERS[printer.protocol], now):
        since = now - timedelta(seconds=known.counted_s)
        ForeignPrint.objects.filter(pk=known.pk).update(ended_at=None, since=since)
        return
    since = now - timedelta(seconds=min(status.elapsed_s or 0, MOST_PRINT_S))
    fields = {"key": status.job_key, "since": since, "ended_at": None, "counted_s": 0}
    ForeignPrint.objects.update_or_create(printer=printer, defaults=fields)


def _goes_on(known: ForeignPrint, status: Status, driver: type[Driver], now: datetime) -> bool:
    """Whether a print that was counted runs all the same: it had an error, or a report was old."""
    if known.ended_at is None or known.key != status.job_key:
        return False
    has_all_of_it = (status.elapsed_s or 0) >= known.counted_s > 0
    return has_all_of_it or now - known.ended_at < STALE or driver.is_unique(known.key)


def _told_s(known: ForeignPrint, status: Status) -> int | None:
    """How long it took by what the printer says of it at its end; many say nothing, or 0 after a cancel."""
    if status.state in ACTIVE or status.job_key != known.key:
        return None
    return status.elapsed_s or None


def _end(known: ForeignPrint, told_s: int | None, at: datetime) -> None:
    printed_s = told_s or max(0, int((at - known.since).total_seconds()))
    more_s = max(0, printed_s - known.counted_s)
    known.ended_at, known.counted_s = timezone.now(), known.counted_s + min(more_s, MOST_PRINT_S)
    known.save(update_fields=["ended_at", "counted_s"])
    count(known.printer_id, more_s)
