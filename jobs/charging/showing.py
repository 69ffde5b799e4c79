"""Cards and lines as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jobs.models import Job
from orgs.current import current_org
from orgs.models import Department
from ui import figures

from .models import ChargeLine, RateCard
from .rules import Unit
from .setting import has_begun

MOST = 200


@dataclass(frozen=True, slots=True)
class ShownCard:
    card: RateCard
    holds: bool
    has_begun: bool
    models: list[dict[str, Any]]
    departments: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """`is_dead`: it is a counter-entry, or has one; both together are nothing."""

    line: ChargeLine
    quantity: str
    price: str
    is_dead: bool


def shown_cards(cards: Sequence[RateCard], holds: RateCard | None) -> list[ShownCard]:
    """`holds` is the card of today."""
    names = {str(one.pk): one.name for one in Department.objects.of(current_org())}
    return [_shown(one, holds, names) for one in cards]


def _shown(card: RateCard, holds: RateCard | None, names: Mapping[str, str]) -> ShownCard:
    percents = [
        (names[one["department_id"]], figures.with_unit(Decimal(one["percent"]), 1, "%"))
        for one in card.by_department
        if one["department_id"] in names
    ]
    return ShownCard(
        card, holds is not None and holds.pk == card.pk, has_begun(card), card.by_model, percents
    )


def lines_of(job: Job) -> list[ShownLine]:
    """The first lines about a job, MOST of them: its page is asked for every two seconds."""
    lines = list(ChargeLine.objects.filter(job_id=job.pk).order_by("id")[:MOST])
    dead = {one.counters_id for one in lines}
    return [
        ShownLine(
            one,
            _quantity(one),
            figures.price(one.unit_price, one.currency),
            one.counters_id is not None or one.pk in dead,
        )
        for one in lines
    ]


def _quantity(one: ChargeLine) -> str:
    places = 1 if one.unit == Unit.GRAM else 0 if one.unit in {Unit.PRINT, Unit.JOB} else 2
    return figures.with_unit(one.quantity, places, str(Unit(one.unit).label))
