"""Moving prints and jobs from state to state, and what each move brings about."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from alerts.kinds import Kind
from alerts.raising import raise_alert, resolve
from audit.trail import actor
from printers.models import Printer

from . import news
from .charging.rewriting import cost_of
from .models import Event, Job, Print
from .quotas.ledger import settle
from .states import OVER, PRINT_MOVES, UNAPPROVED, IllegalMove, JobState, PrintState, state_of

MATCH = "jobs.match"
ENDED = frozenset({PrintState.COMPLETED, PrintState.FAILED, PrintState.CANCELLED})


def note(job: Job, text: str) -> None:
    """A line in the job's history that changes no state."""
    Event.objects.create(job=job, state=job.state, by=actor().name, note=text[:300])


def move_print(one: Print, to: PrintState, **fields: Any) -> None:
    """Move one copy to `to`, with `fields`; the job follows. Inside the transaction of the cause.

    The update names the state the caller saw: of two callers the later changes no row and gets IllegalMove.
    """
    seen = PrintState(one.state)
    if not PRINT_MOVES[to]:
        fields.setdefault("ended_at", timezone.now())
    if to not in PRINT_MOVES[seen]:
        raise IllegalMove(_("Copy %(copy)d can't go from %(seen)s to %(to)s.") % _names(one, seen, to))
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=one.job_id)
        if not Print.objects.filter(pk=one.pk, state=seen).update(state=to, **fields):
            raise IllegalMove(_("Copy %(copy)d is no longer %(seen)s.") % _names(one, seen, to))
        one.state = to
        for name, value in fields.items():
            setattr(one, name, value)
        _follow(job, fields.get("note", ""), about=one)


def _names(one: Print, seen: PrintState, to: PrintState) -> dict[str, Any]:
    return {"copy": one.copy, "seen": seen.label, "to": to.label}


def _follow(job: Job, why: str, about: Print | None = None) -> None:
    """Set the locked job's state from its prints', and tell of it."""
    states = list(Print.objects.filter(job=job).values_list("state", flat=True))
    state = state_of([PrintState(state) for state in states])
    done = states.count(PrintState.COMPLETED)
    before = JobState(job.state)
    if before in UNAPPROVED and state is JobState.QUEUED:
        # Only a person approves.
        state = before
    over = state in OVER
    fields: dict[str, Any] = {
        "state": state,
        "copies_done": done,
        "ended_at": timezone.now() if over else None,
    }
    if about is not None and about.state in ENDED:
        sums = _sums(job)
        # Until it is over, a job's grams are what it is expected to take in all.
        fields |= sums if over else {"cost": sums["cost"]}
    if state is not JobState.QUEUED:
        fields["why_not"] = ""
    if about is not None and about.state == PrintState.FAILED:
        fields |= {"failure_note": why[:300]}
    Job.objects.filter(pk=job.pk).update(**fields)
    for name, value in fields.items():
        setattr(job, name, value)
    if state is not before or why:
        Event.objects.create(job=job, state=state, by=actor().name, note=why[:300])
    if about is None or about.state in ENDED:
        settle(job)
    if before is JobState.SUBMITTED and state is not before:
        resolve(submitted_cause(job))
    if over and state is not before:
        _tell(job, state, why)
    news.changed(job.pk, about.printer_id if about else None)


def _sums(job: Job) -> dict[str, Any]:
    grams = Print.objects.filter(job=job).aggregate(grams=Sum("grams"))["grams"]
    return {"grams": grams or Decimal(0), "cost": cost_of(job)}


def _tell(job: Job, state: JobState, why: str) -> None:
    people = [job.by_id] if job.by_id else []
    if state is JobState.COMPLETED:
        title = _("%(job)s is printed") % {"job": job}
        raise_alert(Kind.PRINT_DONE, f"job.done:{job.pk}", title, about=job, people=people)
    elif state is JobState.FAILED:
        title = _("%(job)s failed") % {"job": job}
        raise_alert(Kind.PRINT_FAILED, f"job.failed:{job.pk}", title, detail=why, about=job, people=people)


def submitted_cause(job: Job) -> str:
    """The cause of the alert that a job waits for approval."""
    return f"job.submitted:{job.pk}"


def cancel_waiting(job: Job, why: str = "") -> int:
    """Cancel the copies that wait; return how many. The caller holds the job's lock."""
    changed = Print.objects.filter(job=job, state=PrintState.WAITING).update(
        state=PrintState.CANCELLED, ended_at=timezone.now(), note=why[:300]
    )
    _follow(job, why)
    return changed


def printer_of(one: Print) -> Printer | None:
    return Printer.objects.filter(pk=one.printer_id).first() if one.printer_id else None
