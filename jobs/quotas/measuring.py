"""Adding up what is used of quotas, in one query for one person's and in one for everybody's."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from accounts.models import User
from orgs.current import current_org
from orgs.models import Membership
from orgs.semesters import days_of

from .models import Quota, QuotaShare
from .periods import Period, Span, period_of
from .rules import FIELD, PER_PERSON, Applicant, Measure, Rule, Who, matching

Periods = Mapping[str, Period]


def periods_at(at: datetime) -> Periods:
    """The day, week, month and semester of the current organisation that hold at `at`."""
    org = current_org()
    semesters = days_of(org.semester_starts)
    return {span.value: period_of(span, at, org.zone, semesters) for span in Span}


def every_rule() -> list[Rule]:
    return [quota.rule() for quota in Quota.objects.select_related("person", "department")]


def rules_for(to: Applicant, *, lock: bool = False) -> list[Rule]:
    """The quotas a job of `to` must hold; with `lock` nobody else can take from them until the commit."""
    rows = Quota.objects.filter(_may_apply(to)).select_related("person", "department").order_by("pk")
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return matching([quota.rule() for quota in rows], to)


def _may_apply(to: Applicant) -> Q:
    """Every quota that could apply, so that those of a thousand other people are not read."""
    return (
        Q(who__in=[Who.VIEWER, Who.ORG])
        | Q(who=Who.PERSON, person=to.user_id)
        | Q(who=Who.MEMBER, department=to.own_department_id)
        | Q(who=Who.DEPARTMENT, department=to.department_id)
    )


def applicant(user_id: UUID | None, department_id: UUID | None) -> Applicant:
    """Whose a job counted for `department_id` is, by what the person is here now."""
    found = Membership.objects.filter(org=current_org(), user=user_id).values_list("role", "department")
    role, own = (found.first() if user_id else None) or (None, None)
    return Applicant(user_id, role, own, department_id)


def applicant_in(membership: Membership | None, user: User, department_id: UUID | None) -> Applicant:
    """The same of a membership that is at hand; a superadmin's, which is not stored, names nobody's role."""
    if membership is None or membership._state.adding:
        return Applicant(user.pk, None, None, department_id)
    return Applicant(user.pk, membership.role, membership.department_id, department_id)


def used(
    rules: Sequence[Rule],
    to: Applicant,
    periods: Periods,
    *,
    until: QuotaShare | None = None,
    without: QuotaShare | None = None,
) -> dict[UUID, Decimal]:
    """What is used of each of `rules`, by rule: of all shares, or of those up to and with `until`."""
    if not rules:
        return {}
    wanted, sums = Q(), {}
    for place, rule in enumerate(rules):
        one = _counted(rule, to) & within(periods[rule.span])
        wanted |= one
        sums[f"sum{place}"] = Sum(FIELD[Measure(rule.measure)], filter=one, default=0)
    rows = QuotaShare.objects.filter(wanted)
    if until is not None:
        rows = rows.filter(Q(at__lt=until.at) | Q(at=until.at, pk__lte=until.pk))
    if without is not None:
        rows = rows.exclude(pk=without.pk)
    found = rows.aggregate(**sums)
    return {rule.id: Decimal(found[f"sum{place}"]) for place, rule in enumerate(rules)}


def _counted(rule: Rule, to: Applicant) -> Q:
    if rule.who in PER_PERSON:
        return Q(by=to.user_id)
    return Q(department=rule.department_id) if rule.who == Who.DEPARTMENT else Q()


def within(period: Period) -> Q:
    return Q(at__gte=period.start, at__lt=period.end)


def totals(rules: Sequence[Rule], periods: Periods) -> dict[UUID, dict[UUID | None, Decimal]]:
    """What is used of each rule by each person, department or, under None, by all; in one query.

    People whom a rule does not apply to are in it too.
    """
    if not rules:
        return {}
    kinds = sorted({(rule.span, rule.measure) for rule in rules})
    sums = {
        f"{span}_{measure}": Sum(FIELD[Measure(measure)], filter=within(periods[span]), default=0)
        for span, measure in kinds
    }
    rows = _since(min(periods[span].start for span, _measure in kinds))
    found: dict[UUID, dict[UUID | None, Decimal]] = {rule.id: defaultdict(Decimal) for rule in rules}
    for by, department, *amounts in (
        rows.values("by", "department").annotate(**sums).values_list("by", "department", *sums)
    ):
        amount = dict(zip(sums, amounts, strict=True))
        for rule in rules:
            subject = by if rule.who in PER_PERSON else department if rule.who == Who.DEPARTMENT else None
            found[rule.id][subject] += amount[f"{rule.span}_{rule.measure}"]
    return found


def _since(start: datetime) -> "QuerySet[QuotaShare]":
    return QuotaShare.objects.filter(at__gte=start).order_by()
