"""Charging a job's prints anew where a verdict, a reason or the department has changed: lines are met by
counter-entries and written again, at their own old prices.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Sum

from audit.trail import actor
from orgs.current import current_org
from orgs.models import Department

from . import rules
from .books import booking_day, hold_open
from .cards import markup_of
from .models import ChargeLine, RateCard
from .rules import DERIVED, NOTHING, Bearer, Kind, Line, Policy, Prices
from .writing import Payer, costs_of, entry, payer_of

if TYPE_CHECKING:
    from jobs.models import Job, Print

# What a counter-entry has from its line.
SAME = (
    "kind", "part", "turn", "unit", "unit_price", "currency", "bearer", "department_id", "department_name",
    "job_id", "job_name", "print_id", "copy", "printer_id", "person_id", "card_id",
)  # fmt: skip
COSTS = ("material_cost", "machine_cost", "energy_cost", "extra_cost")


def charge_anew(job: "Job", why: str) -> None:
    """Make what stands in the books what the job's prints are to be charged now. The caller holds its row.

    `why` is said of what is taken back for it. What is right already is left alone, and what a person has
    taken back stays so.
    """
    lines = ChargeLine.objects.filter(job_id=job.pk).exclude(print_id=None).select_related("card", "counters")
    by_print: dict[object, list[ChargeLine]] = defaultdict(list)
    for line in lines:
        by_print[line.print_id].append(line)
    if not by_print:
        return
    hold_open()
    prints = list(job.prints.filter(pk__in=by_print).select_related("reason").order_by("ended_at", "copy"))
    carrier = _carrier(prints, by_print)
    for one in prints:
        _rewrite(one, job, by_print[one.pk], why, has_fee=one.pk == carrier)
    sum_up(job)


def standing(lines: Iterable[ChargeLine]) -> list[ChargeLine]:
    """Those that are no counter-entry and have none."""
    lines = list(lines)
    taken_back = {one.counters_id for one in lines}
    return [one for one in lines if one.counters_id is None and one.pk not in taken_back]


def counter_entry(one: ChargeLine, reason: str, *, by_hand: bool = False) -> ChargeLine:
    """What takes `one` back, unsaved: in its own month, or in today's once that is closed."""
    fields = {name: getattr(one, name) for name in SAME}
    return ChargeLine(
        **fields, day=booking_day(one.day), quantity=-one.quantity, amount=-one.amount, counters=one,
        reason=reason[:300], by=actor().name[:200], by_hand=by_hand,
    )  # fmt: skip


def sum_up(job: "Job") -> None:
    """Set the costs of the job's prints and its own to what its lines come to."""
    by_print: dict[object, list[ChargeLine]] = defaultdict(list)
    for line in ChargeLine.objects.filter(job_id=job.pk).exclude(print_id=None):
        by_print[line.print_id].append(line)
    for one in job.prints.filter(pk__in=by_print):
        costs = asdict(costs_of(by_print[one.pk]))
        if any(getattr(one, name) != amount for name, amount in costs.items()):
            job.prints.filter(pk=one.pk).update(**costs)
    type(job).objects.filter(pk=job.pk).update(cost=cost_of(job))


def cost_of(job: "Job") -> Decimal | None:
    """What its prints have cost so far; None while none has ended."""
    sums = job.prints.aggregate(**{name: Sum(name) for name in COSTS})
    spent = [sums[name] for name in COSTS if sums[name] is not None]
    return sum(spent, NOTHING) if spent else None


def _carrier(prints: list["Print"], by_print: dict[object, list[ChargeLine]]) -> object:
    """The print that the job's fee stands with: as before if a department pays it, else the first one.

    None does once a person has taken the fee back.
    """
    every = [line for lines in by_print.values() for line in lines if line.kind == Kind.FEE]
    if any(_is_by_hand(line) for line in every):
        return None
    paid = [one.pk for one in prints if _bearer(one, _card_of(by_print[one.pk])) == Bearer.DEPARTMENT]
    has_fee = {line.print_id for line in standing(every)}
    return next((pk for pk in paid if pk in has_fee), next(iter(paid), None))


def _rewrite(one: "Print", job: "Job", lines: list[ChargeLine], why: str, *, has_fee: bool) -> None:
    stands, card = standing(lines), _card_of(lines)
    payer = _payer(job, lines, _bearer(one, card))
    wanted = _wanted(one, lines, payer, has_fee=has_fee)
    wrong = [line for line in stands if _bare(line) not in wanted or _paid(line) != _key(payer)]
    right = {_bare(line) for line in stands} - {_bare(line) for line in wrong}
    missing = [line for line in wanted if line not in right]
    turns = {(line.kind, line.part): line.turn for line in sorted(lines, key=lambda each: each.turn)}
    day = booking_day(lines[0].day)
    made = [counter_entry(line, why) for line in wrong]
    for line in missing:
        turn = turns.get((line.kind, line.part), -1) + 1
        made.append(entry(one, job, line, card, payer, day, turn))
    ChargeLine.objects.bulk_create(made)


def _payer(job: "Job", lines: list[ChargeLine], bearer: str) -> Payer:
    """By the job's department; a job whose department was deleted stays with it."""
    last = lines[-1]
    if job.department_id is None and last.department_id is not None:
        known = Department.objects.of(current_org()).filter(pk=last.department_id)
        if not known.exists():
            return Payer(bearer, last.department_id, last.department_name)
    return payer_of(job, bearer)


def _wanted(one: "Print", lines: list[ChargeLine], payer: Payer, *, has_fee: bool) -> list[Line]:
    """What it took, as it stands, and what comes on top of that now."""
    taken = [_bare(line) for line in standing(lines) if line.kind not in DERIVED]
    prices = _prices(payer, _card_of(lines), lines[0].currency)
    good = rules.is_good(one.state, one.verdict)
    on_top = rules.derived(taken, prices, payer.bearer, is_good=good, has_fee=has_fee)
    by_hand = {line.kind for line in lines if _is_by_hand(line)}
    return [*taken, *(line for line in on_top if line.kind not in by_hand)]


def _prices(payer: Payer, card: RateCard | None, currency: str) -> Prices:
    """What comes on top, by the card that held when the print ended."""
    if card is None:
        return Prices(currency)
    return Prices(
        card.currency,
        fee_per_job=card.fee_per_job,
        failure_percent=card.failure_percent,
        markup_percent=markup_of(card, payer.department_id),
        policy=card.policy,
    )


def _is_by_hand(line: ChargeLine) -> bool:
    """Whether a person has taken a line back by this one."""
    return line.counters_id is not None and line.by_hand


def _paid(line: ChargeLine) -> tuple[str, UUID | None]:
    return line.bearer, line.department_id


def _key(payer: Payer) -> tuple[str, UUID | None]:
    return payer.bearer, payer.department_id


def _bearer(one: "Print", card: RateCard | None) -> str:
    fault = one.reason.fault if one.reason else None
    return rules.bearer_of(one.state, one.verdict, fault, card.policy if card else Policy.FAULT)


def _card_of(lines: list[ChargeLine]) -> RateCard | None:
    return next((line.card for line in lines if line.card), None)


def _bare(line: ChargeLine) -> Line:
    return Line(line.kind, line.part, line.quantity, line.unit, line.unit_price, line.amount, line.currency)
