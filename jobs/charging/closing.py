"""Closing a month: from then on nothing is written into it."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit.trail import record
from jobs.models import Print
from jobs.states import ACTIVE, IllegalMove
from orgs.current import current_org
from ui.days import midnight

from .books import hold_alone, today
from .days import month_of, next_month, word_of
from .models import ChargeLine, MonthClose


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the books. `open_prints` began in it and run still: they are charged when they end."""

    month: date
    closed: MonthClose | None
    lines: int
    open_prints: int

    @property
    def word(self) -> str:
        return word_of(self.month)

    @property
    def is_over(self) -> bool:
        return self.month < month_of(today())

    @property
    def may_close(self) -> bool:
        return self.closed is None and self.is_over


def month_at(month: date) -> Month:
    closed = MonthClose.objects.select_related("by").filter(month=month).first()
    return Month(month, closed, lines_of(month).count(), _open_prints(month).count())


def close(month: date, by: User | None) -> MonthClose:
    """Close a month that is over: else ValidationError. IllegalMove if it is closed already."""
    if month >= month_of(today()):
        words = _("%(month)s is not over yet: only a month that has ended can be closed.")
        raise ValidationError({"month": words % {"month": word_of(month)}})
    with transaction.atomic():
        hold_alone()
        if MonthClose.objects.filter(month=month).exists():
            raise IllegalMove(_("%(month)s is closed already.") % {"month": word_of(month)})
        made = MonthClose.objects.create(month=month, by=by)
        told = {"lines": lines_of(month).count(), "open_prints": _open_prints(month).count()}
        record("charges.close", made, after=told)
    return made


def lines_of(month: date) -> "QuerySet[ChargeLine]":
    return ChargeLine.objects.filter(day__gte=month, day__lt=next_month(month))


def months() -> list[date]:
    """Every month that has lines or is closed, and this one, the latest first."""
    known = ChargeLine.objects.order_by().dates("day", "month")
    closed = MonthClose.objects.values_list("month", flat=True)
    return sorted({month_of(today()), *known, *closed}, reverse=True)


def _open_prints(month: date) -> "QuerySet[Print]":
    zone = current_org().zone
    end = midnight(next_month(month), zone)
    return Print.objects.filter(state__in=ACTIVE, started_at__gte=midnight(month, zone), started_at__lt=end)
