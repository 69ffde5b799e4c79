"""The timeline by printer: what prints and what is to print next, as bars on lanes of a stretch of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from orgs.current import current_org
from orgs.working_hours import Opening
from printers import live
from printers.models import Printer

from . import outlook
from .models import Job, Print
from .states import ACTIVE


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that is shown, and the part of it at which something is."""

    begin: datetime
    hours: int

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(hours=self.hours)

    def share(self, at: datetime) -> float:
        """0 at the begin, 1 at the end, cut to these."""
        return min(1.0, max(0.0, (at - self.begin).total_seconds() / (self.hours * 3600)))


@dataclass(frozen=True, slots=True)
class Bar:
    """A copy on a printer. `job` is None for a job the viewer may not see, `ends` for an end nobody knows."""

    job: Job | None
    is_printing: bool
    starts: datetime
    ends: datetime | None
    left: float
    width: float

    @property
    def is_late(self) -> bool:
        return bool(self.job and self.job.due_at and self.ends and self.ends > self.job.due_at)


@dataclass(frozen=True, slots=True)
class Lane:
    printer: Printer
    bars: Sequence[Bar]


def busy_printers() -> list[UUID]:
    """The printers that print, or are to print next."""
    printing = Print.objects.filter(state__in=ACTIVE, printer__isnull=False).order_by()
    return list({*outlook.machines_ahead(), *printing.values_list("printer_id", flat=True).distinct()})


def lanes_of(printers: Sequence[Printer], stretch: Stretch, visible: "QuerySet[Job]") -> list[Lane]:
    """A lane for each printer, in two queries and two questions to Redis."""
    ids = [printer.pk for printer in printers]
    running = list(Print.objects.filter(printer__in=ids, state__in=ACTIVE))
    ahead = outlook.bars_of(ids)
    wanted = {one.job_id for one in running} | {bar[0] for bars in ahead.values() for bar in bars}
    jobs = visible.in_bulk(list(wanted))
    statuses = live.read(current_org().pk, [one.printer_id for one in running if one.printer_id])
    found: dict[UUID, list[Bar]] = {pk: [] for pk in ids}
    for one in running:
        if one.printer_id:
            found[one.printer_id].append(_running(one, jobs, statuses.get(one.printer_id), stretch))
    for pk, bars in ahead.items():
        found[pk] += [_next(bar, jobs, stretch) for bar in bars if bar[1] < stretch.end.timestamp()]
    return [Lane(printer, found[printer.pk]) for printer in printers]


def _running(one: Print, jobs: Mapping[UUID, Job], known: live.Live | None, stretch: Stretch) -> Bar:
    left_s = known.status.remaining_s if known else None
    ends = known.updated_at + timedelta(seconds=left_s) if known and left_s is not None else None
    return _bar(jobs.get(one.job_id), True, one.started_at or stretch.begin, ends, stretch)


def _next(bar: tuple[UUID, float, float], jobs: Mapping[UUID, Job], stretch: Stretch) -> Bar:
    job, starts, ends = bar
    begin = outlook.moment(starts) or stretch.begin
    return _bar(jobs.get(job), False, begin, outlook.moment(ends), stretch)


def _bar(
    job: Job | None, is_printing: bool, starts: datetime, ends: datetime | None, stretch: Stretch
) -> Bar:
    left = stretch.share(starts)
    # An end that nobody knows is drawn a little after now.
    until = ends or max(starts, stretch.begin) + timedelta(hours=stretch.hours / 24)
    return Bar(job, is_printing, starts, ends, left, max(0.004, stretch.share(until) - left))


def shades(stretch: Stretch) -> list[tuple[float, float]]:
    """Where nobody is there to clear plates, as left and width; none where working hours are not set."""
    org = current_org()
    opening = Opening(org.working_hours, org.zone, stretch.begin, days=stretch.hours // 24 + 2)
    if opening.always:
        return []
    found, last = [], 0.0
    begin, whole = stretch.begin.timestamp(), stretch.hours * 3600
    for opens, closes in opening.between(begin, begin + whole):
        left = (opens - begin) / whole
        if left > last:
            found.append((last, left - last))
        last = (closes - begin) / whole
    if last < 1:
        found.append((last, 1 - last))
    return found
