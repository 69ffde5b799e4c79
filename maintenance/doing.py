"""Noting that a task was done, with what it cost; and taking the newest note back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import record
from orgs import photos

from . import nozzles
from .counting import meter_of
from .models import LogEntry, Task
from .refusing import Refused
from .setting import begin_round, changed, held, today_here


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to say of it. `photo` is a JPEG as `orgs.photos.taken_in` gives it."""

    cost: Decimal = Decimal(0)
    note: str = ""
    photo: bytes | None = None


def done(task: Task, by: User | None, work: Work, *, seen_round: int | None = None) -> LogEntry:
    """Write the log's entry and let `task` count anew from now.

    Refused if it is no longer in `seen_round`: somebody has done or changed it meanwhile.
    """
    with _photo_kept(work.photo) as path, transaction.atomic():
        kept = held(task)
        if seen_round is not None and kept.round != seen_round:
            raise Refused(_("Somebody has noted or changed this meanwhile. Look at it again."))
        printed_s = meter_of(kept.printer).printed_s
        entry = LogEntry.objects.create(
            printer=kept.printer,
            printer_name=kept.printer.name,
            task=kept,
            what=kept.name,
            at=timezone.now(),
            by=by,
            printed_s=printed_s,
            used_s=max(0, printed_s - kept.since_s),
            cost=work.cost,
            note=work.note.strip()[:500],
            photo=path,
            before={
                "used_s": printed_s - kept.since_s,
                "since_on": kept.since_on.isoformat(),
                "done_at": kept.done_at.isoformat() if kept.done_at else None,
            },
        )
        begin_round(kept)
        kept.since_s, kept.since_on, kept.done_at = printed_s, today_here(), entry.at
        kept.save()
        record("maintenance.done", kept, after=_told(entry))
        changed(kept.printer)
    return entry


def take_back(entry: LogEntry) -> None:
    """Delete the newest entry of a task, or of a printer's nozzle, and let all be as before it.

    Refused for any other.
    """
    with transaction.atomic():
        found = LogEntry.objects.select_for_update(of=("self",)).select_related("printer", "task")
        kept = found.filter(pk=entry.pk).first()
        if kept is None:
            raise Refused(_("Somebody has deleted this entry already."))
        if why := why_not(kept):
            raise Refused(why)
        record("maintenance.take_back", kept, before=_told(kept))
        kept.delete()
        photos.forget(kept.photo)
        if kept.kind == LogEntry.Kind.NOZZLE:
            nozzles.put_back(kept)
        else:
            _reopen(kept)


def why_not(entry: LogEntry) -> str:
    """Why this entry can't be taken back, in words; empty if it can."""
    if entry.printer is None:
        return _("Its printer is gone: the entry stays.")
    later = LogEntry.objects.filter(kind=entry.kind, printer=entry.printer)
    if entry.kind == LogEntry.Kind.TASK:
        if entry.task is None:
            return _("Its task is gone: the entry stays.")
        later = later.filter(task=entry.task)
    if later.order_by("-at", "-pk").values_list("pk", flat=True).first() != entry.pk:
        return _("There is a newer entry. Delete that one first.")
    return ""


def _reopen(entry: LogEntry) -> None:
    assert entry.task is not None  # noqa: S101  # `why_not` has asked
    task, before = held(entry.task), entry.before
    begin_round(task)
    # By difference: the meter may have been corrected since.
    task.since_s -= before["used_s"]
    task.since_on = date.fromisoformat(before["since_on"])
    task.done_at = _moment(before["done_at"])
    task.save()
    changed(task.printer)


def _moment(said: str | None) -> datetime | None:
    return parse_datetime(said) if said else None


@contextmanager
def _photo_kept(jpeg: bytes | None) -> Iterator[str]:
    """The path of the photo; its file goes if the work in this context fails."""
    path = photos.keep(jpeg) if jpeg else ""
    try:
        yield path
    except BaseException:
        photos.discard(path)
        raise


def _told(entry: LogEntry) -> dict[str, object]:
    return {
        "printer": entry.printer_name,
        "what": entry.what,
        "at": entry.at,
        "hours": round(entry.printed_s / 3600, 1),
        "cost": entry.cost,
        "note": entry.note,
        "photo": entry.photo,
    }
