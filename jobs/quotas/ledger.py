"""The ledger: shares are reserved when a job is submitted and settled as its copies end."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from jobs.states import JobState, PrintState

from . import wording
from .measuring import Periods, applicant, periods_at, rules_for, used
from .models import QuotaShare
from .rules import Applicant, Copy, Rule, Taken, Who, is_fit, taken
from .warning import warn

if TYPE_CHECKING:
    from jobs.models import Job


def reserve(job: "Job", to: Applicant) -> None:
    """Take what `job` is expected to need from every quota that applies; ValidationError names what refuses.

    In the transaction that stores the job and before it is stored, so that a refused one has no number. Of
    many at once each sees what those before it took: the quotas are locked until the commit. A job that is
    submitted again has its share renewed, and counts from now.
    """
    share = QuotaShare.objects.filter(job=job.pk).first() or QuotaShare(job=job)
    share.by, share.department, share.at = job.by, job.department, timezone.now()
    _estimate(share, job)
    want = taken([Copy(PrintState.WAITING, None, None)] * job.copies, share.copy_grams, share.copy_s)
    with transaction.atomic():
        _take(rules_for(to, lock=True), to, share, want)
        _put(share, want)
        share.save()


def settle(job: "Job") -> None:
    """Set a job's share to what its copies take now, in the transaction that changed them.

    What printed counts as it really was, what waits as estimated; what failed is given back.
    """
    share = _locked(job)
    if share is not None:
        _settle(share, job)


def reprice(job: "Job") -> None:
    """Settle a job whose estimate has changed: its file was read, or it prints another revision now."""
    share = _locked(job)
    if share is not None:
        _estimate(share, job)
        share.save(update_fields=["copy_grams", "copy_s"])
        _settle(share, job)


def count_for_department(job: "Job") -> None:
    """Count a job for the department it has now; ValidationError if that has too little left for it."""
    share = QuotaShare.objects.filter(job=job.pk).first()
    if share is None:
        return
    to = applicant(job.by_id, job.department_id)
    with transaction.atomic():
        rules = [rule for rule in rules_for(to, lock=True) if rule.who == Who.DEPARTMENT]
        _take(rules, to, share, _taken_by(share))
        share.department_id = job.department_id
        share.save(update_fields=["department"])


def _locked(job: "Job") -> QuotaShare | None:
    """Of two who settle at once the later reads what the earlier has committed."""
    with transaction.atomic():
        return QuotaShare.objects.select_for_update(no_key=True).filter(job=job.pk).first()


def _take(rules: Sequence[Rule], to: Applicant, share: QuotaShare, want: Taken) -> None:
    """ValidationError unless `want` fits into all of the locked `rules`, in the periods of the share."""
    periods = periods_at(share.at)
    before = used(rules, to, periods, without=share)
    refused = [
        wording.refusal(rule, before[rule.id], want.of(rule.measure), periods[rule.span])
        for rule in rules
        if not is_fit(rule, before[rule.id], want.of(rule.measure))
    ]
    if refused:
        raise ValidationError({"quota": refused})
    after = {rule.id: before[rule.id] + want.of(rule.measure) for rule in rules}
    warn(rules, to, before, after, periods)


def _settle(share: QuotaShare, job: "Job") -> None:
    rows = job.prints.values_list("state", "grams", "printed_s", "reason__fault")
    before = _taken_by(share)
    now = taken(
        [Copy(*row) for row in rows],
        share.copy_grams,
        share.copy_s,
        is_rejected=job.state == JobState.REJECTED,
    )
    if now == before:
        return
    _put(share, now)
    share.save(update_fields=["jobs", "grams", "seconds"])
    if now.grams > before.grams or now.seconds > before.seconds:
        _warn_of_more(share, before, now)


def _warn_of_more(share: QuotaShare, before: Taken, now: Taken) -> None:
    """A print took more than was estimated: the quotas of periods that still hold may have filled up."""
    to = applicant(share.by_id, share.department_id)
    periods: Periods = periods_at(timezone.now())
    rules = [rule for rule in rules_for(to) if share.at >= periods[rule.span].start]
    after = used(rules, to, periods)
    grown = {rule.id: now.of(rule.measure) - before.of(rule.measure) for rule in rules}
    warn(rules, to, {rule.id: after[rule.id] - grown[rule.id] for rule in rules}, after, periods)


def _estimate(share: QuotaShare, job: "Job") -> None:
    share.copy_grams = (job.grams / job.copies).quantize(Decimal("0.01"))
    share.copy_s = job.estimate_s or 0


def _taken_by(share: QuotaShare) -> Taken:
    return Taken(share.jobs, share.grams, share.seconds)


def _put(share: QuotaShare, what: Taken) -> None:
    share.jobs, share.grams, share.seconds = what.jobs, what.grams, what.seconds
