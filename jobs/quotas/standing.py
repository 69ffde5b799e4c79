"""How far quotas are used, as pages and the API show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from orgs.current import current_org
from orgs.models import Membership

from . import wording
from .measuring import every_rule, periods_at, rules_for, totals, used
from .periods import Period
from .rules import FULL, PER_PERSON, Applicant, Measure, Rule, Taken, Who, applies, is_fit, level, per_cent

NOTHING = Taken()
TONES = {0: "blue", 80: "orange", 100: "red"}
PLACES = {Measure.JOBS: Decimal(1), Measure.GRAMS: Decimal("0.01"), Measure.HOURS: Decimal("0.01")}


@dataclass(frozen=True, slots=True)
class Standing:
    """A quota as somebody stands in it. `wanted` is what a job in the making would take."""

    rule: Rule
    name: str
    used: Decimal
    period: Period
    wanted: Decimal = Decimal(0)

    @property
    def fraction(self) -> float:
        return min(1.0, per_cent(self.rule, self.used + self.wanted) / FULL)

    @property
    def tone(self) -> str:
        return "red" if not self.fits else TONES[level(self.rule, self.used + self.wanted)]

    @property
    def fits(self) -> bool:
        return is_fit(self.rule, self.used, self.wanted)

    @property
    def left(self) -> Decimal:
        return max(Decimal(0), self.rule.limit - self.used)

    @property
    def words(self) -> str:
        return wording.of_limit(self.rule, self.used)

    @property
    def words_after(self) -> str:
        return wording.of_limit(self.rule, self.used + self.wanted)

    @property
    def left_words(self) -> str:
        return wording.amount(self.rule.measure, self.left)

    @property
    def renews_at(self) -> datetime:
        return self.period.end


def standings(to: Applicant, wanted: Taken = NOTHING) -> list[Standing]:
    """How a job of `to` stands in every quota that applies, the fullest first; in two queries."""
    rules, periods = rules_for(to), periods_at(timezone.now())
    sums = used(rules, to, periods)
    found = [
        Standing(rule, rule.whom, sums[rule.id], periods[rule.span], wanted.of(rule.measure))
        for rule in rules
    ]
    return _fullest_first(found)


def everybody() -> list[Standing]:
    """Every quota with everybody who uses it or is named by it, the fullest first.

    In three queries, whatever the number of quotas and people.
    """
    rules, periods = every_rule(), periods_at(timezone.now())
    sums = totals(rules, periods)
    people = _people() if any(rule.who in PER_PERSON for rule in rules) else {}
    found = []
    for rule in rules:
        for subject, name in _subjects(rule, sums[rule.id], people):
            found.append(Standing(rule, name, sums[rule.id].get(subject, Decimal(0)), periods[rule.span]))
    return _fullest_first(found)


def _subjects(
    rule: Rule, amounts: dict[UUID | None, Decimal], people: dict[UUID, tuple[str, Applicant]]
) -> Iterable[tuple[UUID | None, str]]:
    """Whom a quota counts alone, with their names."""
    if rule.who == Who.ORG:
        return [(None, current_org().name)]
    if rule.who in {Who.DEPARTMENT, Who.PERSON}:
        return [(rule.department_id or rule.person_id, rule.whom)]
    return [
        (user_id, name)
        for user_id, (name, to) in people.items()
        if amounts.get(user_id) and applies(rule, to)
    ]


def _people() -> dict[UUID, tuple[str, Applicant]]:
    rows = Membership.objects.filter(org=current_org()).values_list(
        "user", "user__name", "role", "department"
    )
    return {user: (name, Applicant(user, role, own, own)) for user, name, role, own in rows}


def _fullest_first(found: list[Standing]) -> list[Standing]:
    return sorted(found, key=lambda one: (-per_cent(one.rule, one.used), one.name.casefold(), one.rule.id))


def describe(one: Standing) -> dict[str, Any]:
    """A standing as the API shows it: amounts in jobs, grams or hours, as `measure` says."""
    rule = one.rule
    return {
        "id": rule.id,
        "who": rule.who,
        "name": current_org().name if rule.who == Who.ORG else one.name,
        "person_id": rule.person_id,
        "department_id": rule.department_id,
        "measure": rule.measure,
        "span": rule.span,
        "limit": _in_unit(rule, rule.limit),
        "used": _in_unit(rule, one.used),
        "left": _in_unit(rule, one.left),
        "starts_at": one.period.start,
        "renews_at": one.period.end,
    }


def _in_unit(rule: Rule, value: Decimal) -> float:
    exact = value / 3600 if rule.measure == Measure.HOURS else value
    return float(exact.quantize(PLACES[Measure(rule.measure)]))
