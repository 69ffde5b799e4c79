"""What a print is charged: from prices to lines, and who bears them. Pure.

A line is a quantity at a price, rounded by itself; every sum is a sum of such lines, so that what is shown
adds up to what is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.costing import rounded
from jobs.quotas.rules import MACHINE, PERSON
from jobs.states import PrintState, Verdict

MICRO = Decimal("0.000001")
HUNDRED = Decimal(100)
NOTHING = Decimal(0)


class Kind(models.TextChoices):
    """What a line is for. Those of DERIVED are worked out from the others of the same print."""

    MATERIAL = "material", _("material")
    MACHINE = "machine", _("machine hours")
    ENERGY = "energy", _("energy")
    LABOUR = "labour", _("labour")
    BORROWED = "borrowed", _("borrowed printer")
    LENT = "lent", _("lent printer")
    FEE = "fee", _("fee for the job")
    FAILURE = "failure", _("failure surcharge")
    MARKUP = "markup", _("surcharge of the department")
    MANUAL = "manual", _("correction by hand")


DERIVED = frozenset({Kind.FEE, Kind.FAILURE, Kind.MARKUP})


class Unit(models.TextChoices):
    GRAM = "g", _("g")
    HOUR = "h", _("h")
    KWH = "kWh", _("kWh")
    PRINT = "print", _("print")
    JOB = "job", _("job")
    PERCENT = "percent", _("%")
    ENTRY = "entry", _("entry")


class Bearer(models.TextChoices):
    DEPARTMENT = "department", _("the department")
    ORG = "org", _("the organisation")


class Policy(models.TextChoices):
    """Who bears what a failed or rejected print has cost."""

    FAULT = "fault", _("whoever's fault it is, by its reason")
    DEPARTMENT = "department", _("the department")
    ORG = "org", _("the organisation")


@dataclass(frozen=True, slots=True)
class Prices:
    """What holds for one print: money in `currency`, `watts` of its printer, percents of what they add to."""

    currency: str
    per_hour: Decimal = NOTHING
    watts: int = 0
    per_kwh: Decimal = NOTHING
    labour_per_print: Decimal = NOTHING
    labour_per_hour: Decimal = NOTHING
    fee_per_job: Decimal = NOTHING
    failure_percent: Decimal = NOTHING
    markup_percent: Decimal = NOTHING
    policy: str = Policy.FAULT


@dataclass(frozen=True, slots=True)
class Line:
    """`part` tells lines of one kind apart: a spool, or a price of a printer's owner."""

    kind: str
    part: int
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Borrowed:
    """One price of a printer's owner: per hour, per gram or per print, in the owner's currency."""

    quantity: Decimal
    unit: str
    unit_price: Decimal
    currency: str


def line(kind: str, quantity: Decimal, unit: str, unit_price: Decimal, currency: str, part: int = 0) -> Line:
    """Quantity and price to a millionth, the amount of just these to the currency's digits."""
    quantity, unit_price = (one.quantize(MICRO, ROUND_HALF_UP) for one in (quantity, unit_price))
    return Line(kind, part, quantity, unit, unit_price, rounded(quantity * unit_price, currency), currency)


def energy_kwh(watts: int, printed_s: int) -> Decimal:
    """An estimate: the watts that a printer takes while it prints, times its hours."""
    return (Decimal(watts) * printed_s / 3_600_000).quantize(MICRO, ROUND_HALF_UP)


def basis(
    served: Sequence[tuple[Decimal, Decimal]],
    printed_s: int,
    prices: Prices,
    borrowed: Sequence[Borrowed] = (),
) -> list[Line]:
    """The lines of what a print took; `served` are (grams, price per gram) of each spool.

    On a borrowed printer the owner's prices stand for the machine and its energy. What costs nothing has no
    line.
    """
    hours, currency = Decimal(printed_s) / 3600, prices.currency
    found = [
        line(Kind.MATERIAL, grams, Unit.GRAM, price, currency, part)
        for part, (grams, price) in enumerate(served)
    ]
    if borrowed:
        found += [
            line(Kind.BORROWED, one.quantity, one.unit, one.unit_price, one.currency, part)
            for part, one in enumerate(borrowed)
        ]
    else:
        kwh = energy_kwh(prices.watts, printed_s)
        found.append(line(Kind.MACHINE, hours, Unit.HOUR, prices.per_hour, currency))
        found.append(line(Kind.ENERGY, kwh, Unit.KWH, prices.per_kwh, currency))
    if printed_s:
        found.append(line(Kind.LABOUR, Decimal(1), Unit.PRINT, prices.labour_per_print, currency))
        found.append(line(Kind.LABOUR, hours, Unit.HOUR, prices.labour_per_hour, currency, part=1))
    return [one for one in found if one.quantity and one.unit_price]


def derived(
    taken: Sequence[Line], prices: Prices, bearer: str, *, is_good: bool, has_fee: bool
) -> list[Line]:
    """The lines on top of `taken`: the job's fee, a share for failures on good prints, the department's own.

    Percents are of money in the organisation's currency; the last one is of the other two as well. To the
    organisation itself nothing is added.
    """
    if bearer == Bearer.ORG:
        return []
    currency = prices.currency
    whole = total(taken, currency)
    found = []
    if has_fee:
        found.append(line(Kind.FEE, Decimal(1), Unit.JOB, prices.fee_per_job, currency))
    if is_good:
        found.append(_percent(Kind.FAILURE, prices.failure_percent, whole, currency))
    whole += total(found, currency)
    found.append(_percent(Kind.MARKUP, prices.markup_percent, whole, currency))
    return [one for one in found if one.quantity and one.unit_price]


def _percent(kind: Kind, percent: Decimal, of: Decimal, currency: str) -> Line:
    return line(kind, percent, Unit.PERCENT, of / HUNDRED, currency)


def total(lines: Iterable[Line], currency: str) -> Decimal:
    """The sum in one currency; lines in others are not in it."""
    return sum((one.amount for one in lines if one.currency == currency), NOTHING)


def has_failed(state: str, verdict: str, fault: str | None) -> bool:
    """Whether the policy for failures holds; `fault` is whose its reason says it is.

    What was cancelled is no failure, and whoever asked for it pays what it took, unless the machine is why.
    """
    if state == PrintState.CANCELLED:
        return fault == MACHINE
    return state == PrintState.FAILED or verdict == Verdict.REJECT


def is_good(state: str, verdict: str) -> bool:
    """Whether it bears its share of others' failures."""
    return state == PrintState.COMPLETED and verdict != Verdict.REJECT


def bearer_of(state: str, verdict: str, fault: str | None, policy: str) -> Bearer:
    """Who pays. By fault, what nobody has given a reason is the organisation's until somebody does."""
    if not has_failed(state, verdict, fault) or policy == Policy.DEPARTMENT:
        return Bearer.DEPARTMENT
    if policy == Policy.FAULT and fault == PERSON:
        return Bearer.DEPARTMENT
    return Bearer.ORG
