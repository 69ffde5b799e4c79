"""The lines themselves, as a sheet and in the API."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from accounts.models import User
from ui import sheets

from .models import ChargeLine
from .rules import Kind, Unit


def sheet_of(lines: "QuerySet[ChargeLine]", name: str) -> HttpResponse:
    """Every line with all that it rests on, as CSV."""
    rows = list(lines.order_by("day", "job_name", "id"))
    names = names_of(one.person_id for one in rows)
    heads = [
        _("Day"), _("Department"), _("Paid by"), _("Job"), _("Copy"), _("Person"), _("What for"),
        _("Quantity"), _("Unit"), _("Price"), _("Amount"), _("Currency"),
        _("Written"), _("Takes back"), _("Why"), _("By"),
        _("Line"),
    ]  # fmt: skip
    return sheets.answer(name, heads, [_cells(one, names) for one in rows])


def _cells(one: ChargeLine, names: dict[UUID, str]) -> list[Any]:
    person = names.get(one.person_id, "") if one.person_id else ""
    return [
        one.day.isoformat(), one.department_name, one.get_bearer_display(), one.job_name, one.copy, person,
        Kind(one.kind).label, one.quantity, Unit(one.unit).label, one.unit_price, one.amount, one.currency,
        one.at.isoformat(timespec="seconds"), str(one.counters_id or ""), one.reason, one.by, str(one.pk),
    ]  # fmt: skip


def names_of(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What people are called now; who has been erased has a pseudonym."""
    known = User.objects.filter(pk__in={pk for pk in ids if pk})
    return dict(known.values_list("pk", "name"))
