"""Chargebacks in the REST API: the lines, months and corrections."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from jobs.charging import closing, correcting
from jobs.charging.days import month_named
from jobs.charging.models import ChargeLine
from jobs.charging.schemas import (
    CloseIn,
    CorrectionIn,
    CounterIn,
    LineListOut,
    LineOut,
    LineQuery,
    MonthListOut,
    MonthOut,
    MoveIn,
)
from jobs.models import Job
from jobs.states import IllegalMove
from jobs.visible import visible_jobs
from orgs.models import Department
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, answer, check_parameters, listing, ordered, searched
from orgs.rest.problems import Problem

router = Router(tags=["chargebacks"])
of_jobs = Router(tags=["jobs"])
ORDERS = {"day": "day", "at": "at", "amount": "amount"}


@router.get("/lines", response={200: LineListOut}, summary="The lines of the books, the oldest first")
@require("charge.view")
def lines(request: OrgRequest, query: Query[LineQuery]) -> HttpResponse:
    rows: QuerySet[ChargeLine] = ChargeLine.objects.all()
    if query.month and (month := month_named(query.month)):
        rows = closing.lines_of(month)
    same = {
        "department_id": query.department_id,
        "job_id": query.job_id,
        "kind": query.kind,
        "bearer": query.paid_by,
    }
    rows = rows.filter(**{name: value for name, value in same.items() if value is not None})
    rows = searched(rows, query.search, ["job_name", "department_name", "reason"])
    return listing(request, query, ordered(rows, query.ordering, ORDERS, ["id"]), described)


@of_jobs.get("/{uuid:pk}/charges", response={200: LineListOut}, summary="What a job is charged")
@require("job.view")
def charges_of_job(request: OrgRequest, pk: UUID, query: Query[ListQuery]) -> HttpResponse:
    """A viewer's own jobs only."""
    job = get_object_or_404(visible_jobs(request.membership), pk=pk)
    rows: QuerySet[ChargeLine] = ChargeLine.objects.filter(job_id=job.pk)
    return listing(request, query, ordered(rows, query.ordering, ORDERS, ["id"]), described)


@router.get(
    "/months", response={200: MonthListOut}, summary="Every month with lines or closed, the latest first"
)
@require("charge.view")
def months(request: OrgRequest, query: Query[ListQuery]) -> HttpResponse:
    check_parameters(request, query)
    known = closing.months()
    page = known[query.offset : query.offset + query.limit]
    return answer({"items": [_month(closing.month_at(one)) for one in page], "count": len(known)})


@router.post("/close", response={200: MonthOut}, summary="Close a month that is over, for ever")
@require("charge.manage")
@idempotent
def close(request: OrgRequest, payload: CloseIn) -> HttpResponse:
    """409 if it is closed already, 422 if it is not over."""
    month = month_named(payload.month)
    assert month is not None, "the schema has checked it"  # noqa: S101
    try:
        closing.close(month, request.user)
    except IllegalMove as error:
        raise Problem(409, str(error)) from error
    return answer(_month(closing.month_at(month)))


@router.post("/lines/{uuid:pk}/counter", response={201: LineOut}, summary="Take a line back")
@require("charge.manage")
@idempotent
def counter(request: OrgRequest, pk: UUID, payload: CounterIn) -> HttpResponse:
    """By a counter-entry; 409 if there is one, or it is one."""
    try:
        made = correcting.counter(get_object_or_404(ChargeLine, pk=pk), payload.reason)
    except IllegalMove as error:
        raise Problem(409, str(error)) from error
    return answer(described([made])[0], 201)


@router.post("/corrections", response={201: LineOut}, summary="Write an entry of today")
@require("charge.manage")
@idempotent
def correct(request: OrgRequest, payload: CorrectionIn) -> HttpResponse:
    made = correcting.add(payload.amount, payload.reason, _department(request, payload.department_id))
    return answer(described([made])[0], 201)


@router.post("/move", response={200: LineListOut}, summary="Charge a job to another department")
@require("charge.manage")
@idempotent
def move(request: OrgRequest, payload: MoveIn) -> HttpResponse:
    """Also one that is over; gives all lines of the job. 409 if it is charged there already."""
    job = get_object_or_404(Job, pk=payload.job_id)
    try:
        correcting.move(job, _department(request, payload.department_id), payload.reason)
    except IllegalMove as error:
        raise Problem(409, str(error)) from error
    found = described(list(ChargeLine.objects.filter(job_id=job.pk).order_by("id")))
    return answer({"items": found, "count": len(found)})


def _department(request: OrgRequest, pk: UUID | None) -> Department | None:
    return get_object_or_404(Department.objects.of(request.org), pk=pk) if pk else None


def described(rows: Sequence[ChargeLine]) -> list[dict[str, Any]]:
    return [_line(one) for one in rows]


def _line(one: ChargeLine) -> dict[str, Any]:
    same = (
        "id", "at", "day", "kind", "unit", "currency", "department_id", "job_id", "print_id", "copy",
        "printer_id", "counters_id", "reason", "by_hand", "by",
    )  # fmt: skip
    return {
        **{name: getattr(one, name) for name in same},
        "quantity": f"{one.quantity.normalize():f}",
        "unit_price": f"{one.unit_price.normalize():f}",
        "amount": f"{one.amount:.2f}",
        "paid_by": one.bearer,
        "department": one.department_name,
        "job": one.job_name,
        "user_id": one.person_id,
        "rate_card_id": one.card_id,
    }


def _month(month: closing.Month) -> dict[str, Any]:
    by = month.closed.by if month.closed else None
    return {
        "month": month.word,
        "state": "closed" if month.closed else "open",
        "closed_at": month.closed.at if month.closed else None,
        "closed_by": str(by) if by else "",
        "lines": month.lines,
        "open_prints": month.open_prints,
    }
