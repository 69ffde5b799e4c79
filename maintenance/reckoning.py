"""The rule of `due`, asked of the database: how each of many tasks stands now, in one query."""

from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    DateField,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)  # fmt: skip
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils import timezone

from orgs.current import current_org

from .due import HOUR_S, Standing, today
from .models import Task

S = Standing
OVERDUE = Q(hours_share__gte=1.0) | Q(days__gt=F("every_days"))
DUE = Q(hours_share__gte=F("warn_percent") / 100.0) | Q(days__gte=F("every_days") - F("warn_days"))


def reckoned(tasks: "QuerySet[Task] | None" = None, now: datetime | None = None) -> "QuerySet[Any]":
    """`tasks` (all) with `used_s` and `days` since they were done, `share` of the interval and `standing`."""
    day = today(now or timezone.now(), current_org().zone)
    used_s = Greatest(Value(0), Coalesce(F("printer__meter__printed_s"), Value(0)) - F("since_s"))
    rows = (Task.objects.all() if tasks is None else tasks).annotate(used_s=used_s, days=_days(day))
    rows = rows.annotate(
        hours_share=Cast(F("used_s"), FloatField()) / (F("every_hours") * float(HOUR_S)),
        days_share=Cast(F("days"), FloatField()) / F("every_days"),
    )
    return rows.annotate(
        # PostgreSQL's GREATEST passes over what is NULL.
        share=Greatest("hours_share", "days_share"),
        standing=Case(
            When(OVERDUE, then=Value(S.OVERDUE.value)),
            When(DUE, then=Value(S.DUE.value)),
            default=Value(S.FINE.value),
        ),
    )


def _days(day: date) -> Func:
    """Days since a task was done: PostgreSQL subtracts dates to days, Django would make them durations."""
    return Func(
        Cast(Value(day), DateField()),
        F("since_on"),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
