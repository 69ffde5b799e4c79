"""Rate cards: adding one from a day on, changing and deleting those that have not begun."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.trail import record
from orgs.current import current_org
from orgs.models import Department

from .books import hold_alone, today
from .models import MOST_PRICE, MOST_WATTS, ChargeLine, RateCard

FIELDS = (
    "valid_from", "per_hour", "watts", "per_kwh", "labour_per_print", "labour_per_hour", "fee_per_job",
    "failure_percent", "policy", "by_model", "by_department", "note",
)  # fmt: skip
MOST_ROWS = 500
LEAST_PERCENT, MOST_PERCENT = Decimal(-100), Decimal(1000)


def save(card: RateCard) -> RateCard:
    """Store a new or changed card; ValidationError if it would change what is charged already.

    A card begins tomorrow at the earliest, or today as long as nothing was charged today.
    """
    card.currency = card.currency or current_org().currency
    _check_rows(card)
    card.clean_fields()
    with transaction.atomic():
        hold_alone()
        known = RateCard.objects.filter(pk=card.pk).first()
        if known is not None:
            check_not_begun(known)
        _check_day(card)
        try:
            with transaction.atomic():
                card.save()
        except IntegrityError:
            raise ValidationError({"valid_from": _("There is a card from this day already.")}) from None
        record("ratecard.edit" if known else "ratecard.add", card, before=_told(known), after=_told(card))
    return card


def delete(card: RateCard) -> None:
    """ValidationError for one that has begun."""
    with transaction.atomic():
        hold_alone()
        check_not_begun(card)
        record("ratecard.delete", card, before=_told(card))
        card.delete()


def has_begun(card: RateCard) -> bool:
    """Whether it is too late to change it: its day is over, or something was charged by it.

    That may be so on the day before, where the organisation has moved to a zone further west.
    """
    return card.valid_from < today() or card.lines.exists()


def check_not_begun(card: RateCard) -> None:
    if has_begun(card):
        words = _("This card has begun: what was charged by it stays. Make a new one from a later day.")
        raise ValidationError(words)


def first_day(currency: str) -> date:
    """The first that a new card may hold from: today, or tomorrow once prints of today are charged."""
    day = today()
    is_begun = ChargeLine.objects.filter(day=day, currency=currency).exclude(print_id=None).exists()
    return day + timedelta(days=1) if is_begun else day


def _check_day(card: RateCard) -> None:
    day = today()
    if card.valid_from > day:
        return
    if card.valid_from < day:
        raise ValidationError({"valid_from": _("Prices of days gone by stay: choose today or a later day.")})
    if first_day(card.currency) > day:
        words = _("Prints of today are charged already: choose tomorrow or a later day.")
        raise ValidationError({"valid_from": words})


def _check_rows(card: RateCard) -> None:
    """Bring what is said by model and by department into the form the model tells of."""
    card.by_model = [_of_model(one) for one in card.by_model if one.get("model", "").strip()]
    card.by_department = [_of_department(one) for one in card.by_department]
    names = [one["model"].casefold() for one in card.by_model]
    ids = [one["department_id"] for one in card.by_department]
    if len(set(names)) < len(names):
        raise ValidationError({"by_model": _("A model has one line only.")})
    if len(set(ids)) < len(ids):
        raise ValidationError({"by_department": _("A department has one line only.")})
    if max(len(names), len(ids)) > MOST_ROWS:
        raise ValidationError({"by_model": _("At most %(most)d lines.") % {"most": MOST_ROWS}})
    known = set(Department.objects.of(current_org()).filter(pk__in=ids).values_list("pk", flat=True))
    if len(known) < len(ids):
        raise ValidationError({"by_department": _("There is no such department.")})


def _of_model(one: dict[str, Any]) -> dict[str, Any]:
    per_hour, watts = one.get("per_hour"), one.get("watts")
    return {
        "model": " ".join(one["model"].split())[:80],
        "per_hour": None if per_hour is None else _number("by_model", per_hour, Decimal(0), MOST_PRICE),
        "watts": None if watts is None else int(_number("by_model", watts, Decimal(0), Decimal(MOST_WATTS))),
    }


def _of_department(one: dict[str, Any]) -> dict[str, str]:
    percent = _number("by_department", one["percent"], LEAST_PERCENT, MOST_PERCENT)
    return {"department_id": str(UUID(str(one["department_id"]))), "percent": percent}


def _number(field: str, value: Any, least: Decimal, most: Decimal) -> str:
    """`value`, to at most four decimals, as JSON keeps it."""
    exact = Decimal(str(value))
    if not exact.is_finite() or not least <= exact <= most:
        words = _("Give a number from %(least)d to %(most)d.")
        raise ValidationError({field: words % {"least": least, "most": most}})
    return f"{exact.quantize(Decimal('0.0001')).normalize():f}"


def _told(card: RateCard | None) -> dict[str, Any]:
    return {name: getattr(card, name) for name in FIELDS} if card else {}
