"""Writing the lines of a print that ends, once, in the transaction that ends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from orgs.current import current_org
from printers.models import Printer

from . import rules
from .books import booking_day, hold_open
from .cards import card_at, prices_of
from .days import day_of
from .models import ChargeLine, RateCard
from .rules import NOTHING, Bearer, Borrowed, Kind, Line

if TYPE_CHECKING:
    from jobs.models import Job, Print


@dataclass(frozen=True, slots=True)
class Ended:
    """How a print ended. `served` are (grams, price per gram) of each spool of ours.

    `borrowed` are the owner's prices, of a print on another organisation's printer: they stand for its hours
    and its energy, and `printer` is None.
    """

    state: str
    at: datetime
    printed_s: int
    served: Sequence[tuple[Decimal, Decimal]]
    printer: Printer | None = None
    borrowed: Sequence[Borrowed] = ()


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost columns of a Print: the sums of its lines by kind; None where all are in another currency."""

    material_cost: Decimal | None = NOTHING
    machine_cost: Decimal | None = NOTHING
    energy_cost: Decimal | None = NOTHING
    extra_cost: Decimal | None = NOTHING

    @property
    def total(self) -> Decimal:
        parts = (self.material_cost, self.machine_cost, self.energy_cost, self.extra_cost)
        return sum((part for part in parts if part is not None), NOTHING)


COLUMN = {
    Kind.MATERIAL: "material_cost",
    Kind.MACHINE: "machine_cost",
    Kind.BORROWED: "machine_cost",
    Kind.ENERGY: "energy_cost",
}


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays a line: the department, or for its job the organisation."""

    bearer: str
    department_id: UUID | None
    department_name: str


@dataclass(frozen=True, slots=True)
class Charged:
    """What a print is charged; `energy_kwh` is an estimate, None where nothing is known of it."""

    lines: Sequence[ChargeLine]
    energy_kwh: Decimal | None

    @property
    def costs(self) -> Costs:
        return costs_of(self.lines)


def write_lines(one: "Print", ended: Ended) -> Charged:
    """Write the lines of `one`, which is ending.

    The caller holds the job's row. A second time is an IntegrityError: nothing is charged twice.
    """
    hold_open()
    org = current_org()
    card = card_at(day_of(ended.at, org.zone), org.currency)
    charged = charge(one, one.job, ended, card, booking_day(ended.at), has_fee=not _has_fee(one.job_id))
    ChargeLine.objects.bulk_create(charged.lines)
    return charged


def write_lent(
    print_id: UUID,
    at: datetime,
    printer_id: UUID,
    asked: Sequence[Borrowed],
    borrower: str,
    first: int = 0,
) -> list[ChargeLine]:
    """The owner's side of a borrowed print: what it asks, to its own good; once for each print.

    `print_id` is the borrower's; of the job nothing is known here but whose it was. The parts count from
    `first`. A second time gives the first lines. The printer may be gone.
    """
    hold_open()
    wanted = [
        rules.line(Kind.LENT, one.quantity, one.unit, -one.unit_price, one.currency, part)
        for part, one in enumerate(asked, first)
    ]
    day = booking_day(at)
    made = [
        ChargeLine(
            day=day, kind=one.kind, part=one.part, quantity=one.quantity, unit=one.unit,
            unit_price=one.unit_price, amount=one.amount, currency=one.currency, bearer=Bearer.ORG,
            print_id=print_id, printer_id=printer_id, job_name=borrower[:180],
        )
        for one in wanted
    ]  # fmt: skip
    try:
        with transaction.atomic():
            return ChargeLine.objects.bulk_create(made)
    except IntegrityError:
        return list(ChargeLine.objects.filter(print_id=print_id, kind=Kind.LENT, counters=None))


def charge(
    one: "Print", job: "Job", ended: Ended, card: RateCard | None, day: date, *, has_fee: bool
) -> Charged:
    """The lines of a print, unsaved; with `has_fee` it has its job's fee too, if a department pays for it."""
    prices = prices_of(card, current_org().currency, ended.printer, job.department_id)
    fault = one.reason.fault if one.reason else None
    bearer = rules.bearer_of(ended.state, one.verdict, fault, prices.policy)
    taken = rules.basis(ended.served, ended.printed_s, prices, ended.borrowed)
    good = rules.is_good(ended.state, one.verdict)
    on_top = rules.derived(taken, prices, bearer, is_good=good, has_fee=has_fee)
    # What a borrowed printer takes, its owner pays.
    watts = 0 if ended.borrowed else prices.watts
    kwh = rules.energy_kwh(watts, ended.printed_s) if watts else None
    payer = payer_of(job, bearer)
    return Charged([entry(one, job, line, card, payer, day) for line in (*taken, *on_top)], kwh)


def payer_of(job: "Job", bearer: str) -> Payer:
    return Payer(bearer, job.department_id, job.department.name if job.department else "")


def entry(
    one: "Print", job: "Job", line: Line, card: RateCard | None, payer: Payer, day: date, turn: int = 0
) -> ChargeLine:
    """A line of a print as the books keep it, unsaved."""
    return ChargeLine(
        day=day, kind=line.kind, part=line.part, turn=turn, quantity=line.quantity, unit=line.unit,
        unit_price=line.unit_price, amount=line.amount, currency=line.currency,
        bearer=payer.bearer, department_id=payer.department_id, department_name=payer.department_name,
        job_id=job.pk, job_name=str(job)[:180], print_id=one.pk, copy=one.copy, printer_id=one.printer_id,
        person_id=job.by_id, card=card,
    )  # fmt: skip


def costs_of(lines: Iterable[ChargeLine]) -> Costs:
    """The sums of a print's lines, those that take others back too.

    What a borrowed printer costs in another currency is in none of them: it has no sum with ours.
    """
    lines = list(lines)
    ours = next((one.currency for one in lines if one.kind != Kind.BORROWED), current_org().currency)
    if lines and not any(one.currency == ours for one in lines):
        return Costs(None, None, None, None)
    sums: dict[str, Decimal] = {}
    for one in lines:
        if one.currency == ours:
            name = COLUMN.get(Kind(one.kind), "extra_cost")
            sums[name] = sums.get(name, NOTHING) + one.amount
    return Costs(**sums)


def _has_fee(job_id: UUID) -> bool:
    """Whether its fee is charged; one that a person has taken back stays so."""
    fees = ChargeLine.objects.filter(job_id=job_id, kind=Kind.FEE, counters=None)
    return fees.filter(Q(countered_by=None) | Q(countered_by__by_hand=True)).exists()
