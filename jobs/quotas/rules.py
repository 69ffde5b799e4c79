"""Which quotas apply to whom, and what a job takes of them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.states import PrintState
from orgs.roles import Role

NEAR, FULL = 80, 100
# Whose fault a copy's reason is.
MACHINE, PERSON = "machine", "person"
ENDED = frozenset({PrintState.COMPLETED, PrintState.FAILED, PrintState.CANCELLED})


class Who(models.TextChoices):
    """Whom a quota is for. The first three count each person alone, the others all of them together."""

    VIEWER = "viewer", _("each viewer")
    MEMBER = "member", _("each member of a department")
    PERSON = "person", _("one person")
    DEPARTMENT = "department", _("a department together")
    ORG = "org", _("the whole organisation together")


class Measure(models.TextChoices):
    JOBS = "jobs", _("jobs")
    GRAMS = "grams", _("grams")
    HOURS = "hours", _("hours")


# The field of a share that a measure counts. Hours are kept in seconds.
FIELD = {Measure.JOBS: "jobs", Measure.GRAMS: "grams", Measure.HOURS: "seconds"}
PER_PERSON = frozenset({Who.VIEWER, Who.MEMBER, Who.PERSON})


@dataclass(frozen=True, slots=True)
class Rule:
    """A quota. `limit` is jobs, grams or seconds; `whom` says in words for whom it is."""

    id: UUID
    whom: str
    who: str
    person_id: UUID | None
    department_id: UUID | None
    measure: str
    limit: Decimal
    span: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """Whose job it is: the person's own department, and the one that the job is counted for."""

    user_id: UUID | None
    role: int | None
    own_department_id: UUID | None
    department_id: UUID | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a job as quotas see it. What it used is known once it has ended; `fault` is of its reason."""

    state: str
    grams: Decimal | None
    printed_s: int | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a job takes: estimated for what is still to come, real for what has ended."""

    jobs: int = 0
    grams: Decimal = Decimal(0)
    seconds: int = 0

    def of(self, measure: str) -> Decimal:
        return Decimal(getattr(self, FIELD[Measure(measure)]))


def applies(rule: Rule, to: Applicant) -> bool:
    """Whether a job of `to` counts. Only viewers are "each viewer"; others must be named in some way."""
    return {
        Who.VIEWER: to.role == Role.VIEWER,
        Who.MEMBER: rule.department_id is not None and rule.department_id == to.own_department_id,
        Who.PERSON: rule.person_id is not None and rule.person_id == to.user_id,
        Who.DEPARTMENT: rule.department_id is not None and rule.department_id == to.department_id,
        Who.ORG: True,
    }[Who(rule.who)]


def subject_of(rule: Rule, to: Applicant) -> UUID | None:
    """What is counted together: a person, a department, or None for the whole organisation."""
    if rule.who in PER_PERSON:
        return to.user_id
    return rule.department_id


def is_fit(rule: Rule, used: Decimal, wanted: Decimal) -> bool:
    """Whether `wanted` may be had. What takes nothing is never refused, however far a quota is overdrawn."""
    return not wanted or used + wanted <= rule.limit


def per_cent(rule: Rule, used: Decimal) -> int:
    """How much of the quota is used, rounded down; a quota of nothing is always used up."""
    return int(used * 100 / rule.limit) if rule.limit else FULL


def level(rule: Rule, used: Decimal) -> int:
    """100 if it is used up, 80 if nearly, else 0."""
    share = per_cent(rule, used)
    return FULL if share >= FULL else NEAR if share >= NEAR else 0


def counts(copy: Copy) -> bool:
    """Whether what a copy used counts.

    A failed print is given back, unless an operator gave it a reason that is the person's fault. One that was
    cancelled counts with what it really used, unless its reason is the machine's fault.
    """
    if copy.state == PrintState.CANCELLED:
        return copy.fault != MACHINE
    return copy.state != PrintState.FAILED or copy.fault == PERSON


def taken(copies: Iterable[Copy], copy_grams: Decimal, copy_s: int, *, is_rejected: bool = False) -> Taken:
    """What a job takes now. It is a job while a copy is to come, and once one has used anything."""
    jobs, grams, seconds = 0, Decimal(0), 0
    for copy in copies if not is_rejected else ():
        if copy.state not in ENDED:
            jobs, grams, seconds = 1, grams + copy_grams, seconds + copy_s
        elif counts(copy):
            grams += copy.grams or 0
            seconds += copy.printed_s or 0
            if copy.state == PrintState.COMPLETED or copy.grams or copy.printed_s:
                jobs = 1
    return Taken(jobs, grams, seconds)


def matching(rules: Iterable[Rule], to: Applicant) -> list[Rule]:
    """Every quota that a job of `to` must hold, in the order in which they are locked."""
    return sorted((rule for rule in rules if applies(rule, to)), key=lambda rule: rule.id)
