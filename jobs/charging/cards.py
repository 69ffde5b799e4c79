"""Which rate card holds when, and its prices for one print."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from printers.models import Printer

from .models import RateCard
from .rules import Prices


def card_at(day: date, currency: str) -> RateCard | None:
    """The card in `currency` that holds on `day`."""
    rows = RateCard.objects.filter(currency=currency, valid_from__lte=day)
    return rows.order_by("-valid_from").first()


def prices_of(
    card: RateCard | None, currency: str, printer: Printer | None, department_id: UUID | None
) -> Prices:
    """For a print on `printer`: its own price per hour, else its model's, else the card's.

    Without a card filament and the printer's own price are all that a print costs.
    """
    own = printer.rate_per_hour if printer else Decimal(0)
    if card is None:
        return Prices(currency, own)
    model = _of_model(card, printer)
    per_hour, watts = model.get("per_hour"), model.get("watts")
    return Prices(
        currency=currency,
        per_hour=own or (card.per_hour if per_hour is None else Decimal(per_hour)),
        watts=card.watts if watts is None else int(watts),
        per_kwh=card.per_kwh,
        labour_per_print=card.labour_per_print,
        labour_per_hour=card.labour_per_hour,
        fee_per_job=card.fee_per_job,
        failure_percent=card.failure_percent,
        markup_percent=markup_of(card, department_id),
        policy=card.policy,
    )


def _of_model(card: RateCard, printer: Printer | None) -> Mapping[str, Any]:
    model = printer.model.casefold() if printer else ""
    return next((one for one in card.by_model if model and one["model"].casefold() == model), {})


def markup_of(card: RateCard, department_id: UUID | None) -> Decimal:
    """What a department pays on top, in per cent; negative for a rebate."""
    asked = str(department_id)
    return next(
        (Decimal(one["percent"]) for one in card.by_department if one["department_id"] == asked), Decimal(0)
    )
