"""Verdicts, failures and reprints of jobs in the REST API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from jobs import judging, reasons, reprinting
from jobs.describing import describe_job
from jobs.judging import Finding
from jobs.models import FailureReason, Job, Print
from jobs.schemas import FailureIn, JobOut, ReasonListOut, VerdictIn
from jobs.states import IllegalMove, Verdict
from jobs.visible import visible_jobs
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.listing import ListQuery, answer, listing, ordered, searched
from orgs.rest.problems import Conflict

router = Router(tags=["jobs"])


@router.get("/reasons", response={200: ReasonListOut})
@require("job.view")
def failure_reasons(request: OrgRequest, query: Query[ListQuery]) -> HttpResponse:
    rows = searched(reasons.all_reasons(), query.search, ["name"])
    return listing(request, query, ordered(rows, query.ordering, {"name": "name"}, ["name"]), _described)


def _described(rows: Sequence[FailureReason]) -> list[dict[str, Any]]:
    return [
        {"id": one.pk, "name": one.name, "fault": one.fault, "retired": one.retired_at is not None}
        for one in rows
    ]


@router.post("/{uuid:pk}/verdict", response={200: JobOut})
@require("job.submit")
def give_verdict(request: OrgRequest, pk: UUID, payload: VerdictIn) -> HttpResponse:
    """Good or reject, of a completed copy. It may be said anew."""
    one, finding = _copy(request, pk, payload.copy_number), _finding(payload)
    try:
        judging.judge(one, Verdict(payload.verdict), finding)
    except IllegalMove as error:
        raise Conflict(str(error)) from error
    return answer(describe_job(pk))


@router.post("/{uuid:pk}/failure", response={200: JobOut})
@require("job.manage")
def classify_failure(request: OrgRequest, pk: UUID, payload: FailureIn) -> HttpResponse:
    """Why a copy failed, or was cancelled while it printed. It may be said anew."""
    one, finding = _copy(request, pk, payload.copy_number), _finding(payload)
    try:
        judging.classify(one, finding)
    except IllegalMove as error:
        raise Conflict(str(error)) from error
    return answer(describe_job(pk))


@router.post("/{uuid:pk}/reprint", response={200: JobOut, 201: JobOut})
@require("job.submit")
def reprint(request: OrgRequest, pk: UUID) -> HttpResponse:
    """A job for the copies that failed or were rejected: 201; asked again, that same job: 200."""
    try:
        made, is_new = reprinting.reprint(_found(request, pk), request.user)
    except IllegalMove as error:
        raise Conflict(str(error)) from error
    return answer(describe_job(made.pk), 201 if is_new else 200)


def _found(request: OrgRequest, pk: UUID) -> Job:
    rows = visible_jobs(request.membership).select_related("by", "revision__model", "revision__stored")
    return get_object_or_404(rows, pk=pk)


def _copy(request: OrgRequest, pk: UUID, copy: int) -> Print:
    return get_object_or_404(Print, job__in=visible_jobs(request.membership), job=pk, copy=copy)


def _finding(payload: VerdictIn | FailureIn) -> Finding:
    """What was said; Http404 for a reason that is not this organisation's."""
    reason = get_object_or_404(FailureReason, pk=payload.reason_id) if payload.reason_id else None
    return Finding(reason=reason, note=payload.note)
