"""What departments have to pay for some days: sums of the lines, each in its own currency."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Case, Count, Max, Q, QuerySet, Sum, UUIDField, When
from django.utils.translation import gettext as _

from accounts.models import User
from jobs.models import Job
from orgs.current import current_org
from orgs.models import Department
from printers.models import Printer

from .models import ChargeLine
from .rules import NOTHING, Bearer, Kind

# What a statement has a column for, and the kinds of lines in it.
COLUMNS: dict[str, tuple[Kind, ...]] = {
    "material": (Kind.MATERIAL,),
    "machine": (Kind.MACHINE, Kind.BORROWED, Kind.LENT),
    "energy": (Kind.ENERGY,),
    "labour": (Kind.LABOUR,),
    "extra": (Kind.FEE, Kind.FAILURE, Kind.MARKUP),
    "manual": (Kind.MANUAL,),
}
COLUMN_OF = {kind: column for column, kinds in COLUMNS.items() for kind in kinds}


class Who(StrEnum):
    DEPARTMENT = "department"
    NOBODY = "none"
    ORG = "organisation"


@dataclass(frozen=True, slots=True)
class Party:
    """Who pays: a department, which may be deleted since, jobs without one together, or the organisation."""

    who: Who
    id: UUID | None = None
    name: str = ""
    is_deleted: bool = False

    @property
    def lines(self) -> Q:
        if self.who is Who.ORG:
            return Q(bearer=Bearer.ORG)
        return Q(bearer=Bearer.DEPARTMENT, department_id=self.id)


@dataclass(slots=True)
class Sums:
    """Money by the columns of a statement, in one currency."""

    currency: str
    by_column: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(COLUMNS, NOTHING))

    def add(self, kind: str, amount: Decimal) -> None:
        self.by_column[COLUMN_OF[Kind(kind)]] += amount

    def __add__(self, other: "Sums") -> "Sums":
        """Of two in the same currency."""
        both = {name: amount + other.by_column[name] for name, amount in self.by_column.items()}
        return Sums(self.currency, both)

    def __sub__(self, other: "Sums") -> "Sums":
        rest = {name: amount - other.by_column[name] for name, amount in self.by_column.items()}
        return Sums(self.currency, rest)

    @property
    def total(self) -> Decimal:
        return sum(self.by_column.values(), NOTHING)


@dataclass(frozen=True, slots=True)
class Account:
    party: Party
    sums: Sums
    jobs: int


@dataclass(frozen=True, slots=True)
class JobSum:
    """What one job is charged; `is_there`: it has not been deleted."""

    id: UUID
    name: str
    person: str
    day: date
    copies: int
    sums: Sums
    is_there: bool


@dataclass(frozen=True, slots=True)
class KindSum:
    kind: str
    unit: str
    currency: str
    quantity: Decimal
    amount: Decimal
    lines: int


def lines_between(
    first: date, last: date, printers: "QuerySet[Printer] | None" = None
) -> "QuerySet[ChargeLine]":
    """Those that count for these days, both included; of `printers` only, if they are given."""
    rows = ChargeLine.objects.filter(day__gte=first, day__lte=last).order_by()
    return rows if printers is None else rows.filter(printer_id__in=printers.values("pk"))


def accounts(lines: "QuerySet[ChargeLine]") -> list[Account]:
    """Each party and currency with its sums: departments by name, then jobs without one, then what the
    organisation bears.
    """
    # What the organisation bears is of all departments together: a job may have had more than one.
    pays = Case(When(bearer=Bearer.DEPARTMENT, then="department_id"), output_field=UUIDField())
    lines = lines.annotate(pays=pays)
    kinds = lines.values_list("bearer", "pays", "currency", "kind").annotate(Sum("amount"))
    jobs = lines.values_list("bearer", "pays", "currency").annotate(
        Count("job_id", distinct=True), Max("department_name")
    )
    counted = {
        (*_who(bearer, department), currency): (count, name)
        for bearer, department, currency, count, name in jobs
    }
    sums = {key: Sums(key[2]) for key in counted}
    for bearer, department, currency, kind, amount in kinds:
        sums[(*_who(bearer, department), currency)].add(kind, amount)
    names = _names([department for _who_, department, _currency in counted])
    made = [
        Account(_party(who, department, name, names), sums[who, department, currency], count)
        for (who, department, currency), (count, name) in counted.items()
    ]
    return sorted(made, key=lambda one: (list(Who).index(one.party.who), one.party.name.casefold()))


def party_of(department_id: UUID) -> Party | None:
    """A department of this organisation, or one that it had when lines were written; None for others."""
    known = Department.objects.of(current_org()).filter(pk=department_id).first()
    if known is not None:
        return Party(Who.DEPARTMENT, known.pk, known.name)
    line = ChargeLine.objects.filter(department_id=department_id).last()
    if line is None:
        return None
    return Party(Who.DEPARTMENT, department_id, _deleted(line.department_name), is_deleted=True)


def party_called(who: Who) -> Party:
    return _party(who, None, "", {})


def by_job(lines: "QuerySet[ChargeLine]") -> list[JobSum]:
    """Each job and currency with its sums, in the order in which they were submitted."""
    rows = lines.exclude(job_id=None).order_by()
    told = rows.values_list("job_id", "currency").annotate(
        Max("job_name"), Max("day"), Count("print_id", distinct=True)
    )
    people = dict(rows.exclude(person_id=None).values_list("job_id", "person_id").distinct())
    names = dict(User.objects.filter(pk__in=set(people.values())).values_list("pk", "name"))
    there = set(Job.objects.filter(pk__in=rows.values("job_id")).values_list("pk", flat=True))
    found = {}
    for job, currency, name, day, copies in told:
        person = people.get(job)
        who = names.get(person, "") if person else ""
        found[job, currency] = JobSum(job, name, who, day, copies, Sums(currency), job in there)
    for job, currency, kind, amount in rows.values_list("job_id", "currency", "kind").annotate(Sum("amount")):
        found[job, currency].sums.add(kind, amount)
    return [found[key] for key in sorted(found)]


def by_kind(lines: "QuerySet[ChargeLine]") -> list[KindSum]:
    told = (
        lines.order_by()
        .values_list("kind", "unit", "currency")
        .annotate(Sum("quantity"), Sum("amount"), Count("pk"))
    )
    order = list(Kind)
    return sorted((KindSum(*row) for row in told), key=lambda one: (order.index(Kind(one.kind)), one.unit))


def corrections(lines: "QuerySet[ChargeLine]") -> "QuerySet[ChargeLine]":
    """What was written by people or against another line, with that line; the oldest first."""
    found = lines.filter(Q(kind=Kind.MANUAL) | Q(counters__isnull=False))
    return found.select_related("counters").order_by("id")


def _who(bearer: str, department: UUID | None) -> tuple[Who, UUID | None]:
    if bearer == Bearer.ORG:
        return Who.ORG, None
    return (Who.DEPARTMENT, department) if department else (Who.NOBODY, None)


def _names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    known = Department.objects.of(current_org()).filter(pk__in=[pk for pk in ids if pk])
    return dict(known.values_list("pk", "name"))


def _party(who: Who, department: UUID | None, once: str, names: dict[UUID, str]) -> Party:
    """`once` is what the department was called when the lines were written."""
    if who is Who.ORG:
        return Party(who, None, _("Borne by the organisation"))
    if department is None:
        return Party(who, None, _("No department"))
    if department in names:
        return Party(who, department, names[department])
    return Party(who, department, _deleted(once), is_deleted=True)


def _deleted(name: str) -> str:
    return _("%(name)s (deleted)") % {"name": name}
