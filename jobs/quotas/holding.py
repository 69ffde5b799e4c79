"""Whether a job that was taken may still be sent: quotas may have been lowered, or prints have used more.

Jobs are served in the order in which they were submitted: one is held back if the quota is used up by those
before it and itself. So what fits goes on, and nothing has to be locked to know it. A period that is over
holds nobody back: a job that waits for its quota goes on when that renews.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from orgs.current import current_org
from orgs.models import Membership

from . import wording
from .measuring import Periods, applicant, every_rule, periods_at, rules_for, totals, used, within
from .models import Quota, QuotaShare
from .rules import FIELD, PER_PERSON, Applicant, Measure, Rule, Taken, Who, matching

if TYPE_CHECKING:
    from jobs.models import Job

Over = dict[UUID, set[UUID | None]]


def why_held(job: "Job") -> str:
    """Which quota holds this job back now, in words; empty if none does."""
    # Most organisations have none, and this is asked twice for each start.
    share = QuotaShare.objects.filter(job=job.pk).first() if Quota.objects.exists() else None
    if share is None:
        return ""
    to, periods = applicant(share.by_id, share.department_id), periods_at(timezone.now())
    takes = Taken(share.jobs, share.grams, share.seconds)
    rules = [
        rule for rule in rules_for(to) if share.at >= periods[rule.span].start and takes.of(rule.measure)
    ]
    sums = used(rules, to, periods, until=share)
    return _first(rules, {rule.id for rule in rules if sums[rule.id] > rule.limit}, periods)


def all_held() -> dict[UUID, str]:
    """The same of every job that is held back, by id; in as many queries as there are quotas overdrawn."""
    rules = every_rule()
    if not rules:
        return {}
    periods = periods_at(timezone.now())
    sums = totals(rules, periods)
    over: Over = {
        rule.id: {subject for subject, amount in sums[rule.id].items() if amount > rule.limit}
        for rule in rules
    }
    late = {rule.id: _late(rule, over[rule.id], periods) for rule in rules if over[rule.id]}
    return _words_of([rule for rule in rules if rule.id in late], late, periods) if late else {}


def _late(rule: Rule, subjects: set[UUID | None], periods: Periods) -> set[UUID]:
    """The jobs for which nothing was left, in the order of submitting."""
    shared = "by" if rule.who in PER_PERSON else "department" if rule.who == Who.DEPARTMENT else None
    rows = QuotaShare.objects.filter(within(periods[rule.span])).order_by("at", "pk")
    if shared:
        rows = rows.filter(**{f"{shared}__in": subjects})
    field = FIELD[Measure(rule.measure)]
    run: dict[UUID | None, Decimal] = {}
    found = set()
    for job_id, subject, amount in rows.values_list("job", shared or "job", field):
        key = subject if shared else None
        run[key] = run.get(key, Decimal(0)) + amount
        if amount and run[key] > rule.limit and job_id:
            found.add(job_id)
    return found


def _words_of(rules: Sequence[Rule], late: Mapping[UUID, set[UUID]], periods: Periods) -> dict[UUID, str]:
    members = Membership.objects.filter(org=current_org()).values_list("user", "role", "department")
    known = {user: (role, own) for user, role, own in members}
    shares = QuotaShare.objects.filter(job__in=set().union(*late.values()))
    found = {}
    for job_id, by, department in shares.values_list("job", "by", "department"):
        role, own = known.get(by, (None, None))
        holding = {rule.id for rule in rules if job_id in late[rule.id]}
        if words := _first(matching(rules, Applicant(by, role, own, department)), holding, periods):
            found[job_id] = words
    return found


def _first(rules: Sequence[Rule], holding: set[UUID], periods: Periods) -> str:
    """The words for the one that renews last, as until then the job waits."""
    that = [rule for rule in rules if rule.id in holding]
    if not that:
        return ""
    last = max(that, key=lambda rule: periods[rule.span].end)
    return wording.used_up(last, periods[last.span])
