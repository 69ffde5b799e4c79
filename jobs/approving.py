"""Deciding on submitted jobs, and submitting them again."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.kinds import Kind
from alerts.raising import raise_alert, resolve
from audit.trail import actor, record
from models3d.models import Revision
from orgs import agenda

from . import editing, news, revising, vetting
from .lifecycle import MATCH, submitted_cause
from .models import Event, Job
from .quotas import ledger
from .quotas.measuring import applicant, rules_for
from .states import IllegalMove, JobState
from .submitting import check_target, plate_of

LONGEST_WORDS = 300


def approve(job: Job, seen: int | None = None) -> None:
    """Put a submitted job into the queue. `seen` is the `submission` that the person decides on.

    IllegalMove if it was decided already or changed since it was seen.
    """
    with transaction.atomic():
        held = _undecided(job, seen)
        _settle(held, JobState.QUEUED)
        _tell_person(held, Kind.JOB_APPROVED, _("%(job)s is approved"))
        record("job.approve", held, before={"state": JobState.SUBMITTED}, after={"state": held.state})
        agenda.due_now(MATCH)
    job.refresh_from_db()


def reject(job: Job, reason: str, seen: int | None = None) -> None:
    """Turn a submitted job down: it is over, unless its person submits it again. As `approve`."""
    words = _checked(reason, "reason", _("Say why it is rejected."))
    with transaction.atomic():
        held = _undecided(job, seen)
        _settle(held, JobState.REJECTED, words)
        _tell_person(held, Kind.JOB_REJECTED, _("%(job)s is rejected"), words)
        after = {"state": held.state, "reason": words}
        record("job.reject", held, before={"state": JobState.SUBMITTED}, after=after)
    job.refresh_from_db()


def ask_change(job: Job, note: str, seen: int | None = None) -> None:
    """Leave a submitted job with its person, who is told in `note` what to change. As `approve`.

    IllegalMove too if a change was asked for already, and has not been answered.
    """
    words = _checked(note, "note", _("Say what is to be changed."))
    with transaction.atomic():
        held = _undecided(job, seen)
        if held.decision_note:
            raise IllegalMove(_("A change of %(job)s was asked for already.") % {"job": held})
        held.submission += 1
        _settle(held, JobState.SUBMITTED, words)
        _tell_person(held, Kind.CHANGE_ASKED, _("%(job)s: a change is asked for"), words)
        record("job.ask_change", held, after={"note": words})
    job.refresh_from_db()


def resubmit(job: Job, by: User, fields: Mapping[str, Any], revision: Revision | None = None) -> None:
    """Submit a rejected job, or one of which a change was asked, for a new decision.

    `fields` are changed as by `editing.edit`, and `revision` may be another one of its model. Only the person
    whose job it is may. It is queued at once if they need no approval any more. IllegalMove if there is
    nothing to answer; ValidationError if it can't be printed.
    """
    if job.by_id != by.pk:
        raise IllegalMove(_("Only the person who submitted %(job)s can do so again.") % {"job": job})
    with transaction.atomic():
        held = _held(job)
        is_asked = held.state == JobState.SUBMITTED and held.decision_note
        if held.state != JobState.REJECTED and not is_asked:
            raise IllegalMove(_("%(job)s was neither rejected nor sent back.") % {"job": job})
        before = JobState(held.state)
        # Quotas are locked before all that others also wait for with one of them in hand: see `due_now`.
        rules_for(applicant(held.by_id, held.department_id), lock=True)
        held.submission += 1
        _settle(held, JobState.SUBMITTED)
        resolve(_decided_cause(held))
        if fields:
            editing.edit(held, dict(fields), by=by)
        if revision is not None and revision.pk != held.revision_id:
            revising.move(held, revision)
        else:
            check_target(held, plate_of(held.revision, held.plate))
        _reserve_anew(held)
        record("job.resubmit", held, before={"state": before}, after={"state": held.state})
        if vetting.must_wait(by):
            vetting.tell_submitted(held)
        else:
            _settle(held, JobState.QUEUED)
            agenda.due_now(MATCH)
    job.refresh_from_db()


def _reserve_anew(job: Job) -> None:
    """Count a job that is submitted again from now, as what it has become; ValidationError as `submit`."""
    fresh = Job.objects.select_related("by", "department").get(pk=job.pk)
    ledger.reserve(fresh, applicant(fresh.by_id, fresh.department_id))


def _held(job: Job) -> Job:
    rows = Job.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("revision", "revision__model", "by", "target_printer").get(pk=job.pk)


def _undecided(job: Job, seen: int | None) -> Job:
    """The job, locked, if there is still something to decide, of what the person has seen."""
    held = _held(job)
    if held.state != JobState.SUBMITTED:
        names = {"job": held, "state": JobState(held.state).label}
        last = Event.objects.filter(job=held).exclude(by="").last()
        if last is None:
            raise IllegalMove(_("%(job)s was decided already: it is %(state)s.") % names)
        text = _("%(job)s was decided already: it is %(state)s. The last to change it was %(person)s.")
        raise IllegalMove(text % {**names, "person": last.by})
    if seen is not None and seen != held.submission:
        raise IllegalMove(_("%(job)s was changed since you looked. Look at it again.") % {"job": held})
    return held


def _checked(words: str, name: str, missing: str) -> str:
    clean = " ".join(words.replace("\0", "").split())
    if not clean:
        raise ValidationError({name: missing})
    if len(clean) > LONGEST_WORDS:
        raise ValidationError({name: _("Use at most %(most)d letters.") % {"most": LONGEST_WORDS}})
    return clean


def _settle(job: Job, state: JobState, words: str = "") -> None:
    """Write the locked job's state and what was said, and close the alert that it waits for operators."""
    job.state, job.decision_note = state, words
    job.ended_at = timezone.now() if state is JobState.REJECTED else None
    job.why_not = ""
    job.save(update_fields=["state", "decision_note", "ended_at", "why_not", "submission"])
    Event.objects.create(job=job, state=state, by=actor().name, note=words)
    resolve(submitted_cause(job))
    if state is JobState.REJECTED:
        ledger.settle(job)
    news.changed(job.pk)


def _tell_person(job: Job, kind: Kind, title: str, detail: str = "") -> None:
    """Tell the person whose job it is, and end what they were told before."""
    resolve(_decided_cause(job))
    if job.by_id:
        named = title % {"job": job}
        raise_alert(kind, _decided_cause(job), named, detail=detail, about=job, people=[job.by_id])


def _decided_cause(job: Job) -> str:
    return f"job.decided:{job.pk}"
