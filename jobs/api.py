"""Jobs in the REST API."""

from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from models3d.models import Model3D, Revision
from orgs.models import Department
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import answer, listing, ordered, searched
from orgs.rest.problems import Conflict, Problem, field_error
from printers.visible import visible_printers

from . import by_hand, editing, mapping, ordering, presetting, stopping, submitting
from .describing import describe_job, describe_jobs, describe_slots, job_rows
from .lending import lent
from .lending.choosing import choices_for
from .models import Job
from .order import QUEUE_ORDER
from .rest.answering import AT_ONE, aim_of, edits_of, lent_by, wishes_of
from .rest.answering import done as _done
from .rest.answering import found as _found
from .schemas import (
    JobEdit,
    JobFilterIn,
    JobIn,
    JobListOut,
    JobOut,
    JobQuery,
    MoveIn,
    ResolveIn,
    SlotsOut,
    SlotsQuery,
    StartIn,
)
from .states import OVER, IllegalMove, JobState, Priority
from .submitting import Order
from .visible import visible_jobs

router = Router(tags=["jobs"])
ORDER = {
    "number": "number",
    "name": "name",
    "state": "state",
    "priority": "priority",
    "due_at": "due_at",
    "created_at": "created_at",
    "ended_at": "ended_at",
}


@router.get("", response={200: JobListOut})
@require("job.view")
def jobs(request: OrgRequest, query: Query[JobQuery]) -> HttpResponse:
    rows = matching(request, query)
    if query.ordering == "queue" or (not query.ordering and _is_of_queue(query.state)):
        rows = rows.order_by(*QUEUE_ORDER)
    else:
        rows = ordered(rows, query.ordering, ORDER, ["-number"])
    return listing(request, query, job_rows(rows), describe_jobs)


def _is_of_queue(state: str) -> bool:
    """Whether only open jobs are asked for: they come as they are served, others newest first."""
    return bool(state) and not {str(one) for one in OVER} & set(state.split(","))


def matching(request: OrgRequest, query: JobQuery | JobFilterIn) -> "QuerySet[Job]":
    """The jobs that a list or a bulk action asks for."""
    rows = searched(visible_jobs(request.membership), query.search, ["name", "number", "notes"])
    if query.state:
        states = query.state.split(",")
        if unknown := set(states) - set(JobState.values):
            raise Problem(422, "Unknown state.", [field_error("state", f"there is no state {unknown.pop()}")])
        rows = rows.filter(state__in=states)
    if query.priority:
        rows = rows.filter(priority=Priority[query.priority.upper()])
    if query.model_id:
        rows = rows.filter(revision__model=query.model_id)
    if query.printer_id:
        there = Q(prints__printer=query.printer_id) | Q(prints__lent_id=query.printer_id)
        rows = rows.filter(there).distinct()
    return rows


@router.post("", response={201: JobOut})
@require("job.submit")
@idempotent
def add_job(request: OrgRequest, payload: JobIn) -> HttpResponse:
    model = get_object_or_404(Model3D, pk=payload.model_id, deleted_at=None)
    number = payload.revision or (model.current.number if model.current else 0)
    revision = get_object_or_404(
        Revision.objects.select_related("model", "stored"), model=model, number=number
    )
    lent_id = lent_by(payload.target, request.membership)
    kind, printer, tag, model_name = aim_of(payload.target) if not lent_id else AT_ONE
    order = Order(
        revision=revision,
        plate=payload.plate,
        copies=payload.copies,
        target=kind,
        printer=printer,
        lent=lent_id,
        tag=tag,
        model=model_name,
        filaments=wishes_of(payload.filaments),
        priority=Priority[payload.priority.upper()],
        due_at=payload.due_at,
        not_before=payload.not_before,
        auto_start=payload.auto_start,
        notes=payload.notes,
        department=_department(request, payload),
    )
    if payload.preset_id:
        preset = get_object_or_404(presetting.visible(request.membership), pk=payload.preset_id)
        order = presetting.fill(order, preset, payload.model_fields_set, request.user)
    job = submitting.submit(order, request.user)
    return answer(describe_job(job.pk), status=201)


def _department(request: OrgRequest, payload: JobIn) -> Department | Literal["own"] | None:
    """The person's own unless the body names one, or none by null."""
    if "department_id" not in payload.model_fields_set:
        return "own"
    known = Department.objects.of(request.org)
    return get_object_or_404(known, pk=payload.department_id) if payload.department_id else None


@router.get("/{uuid:pk}", response={200: JobOut})
@require("job.view")
def job(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(describe_job(_found(request, pk).pk))


@router.patch("/{uuid:pk}", response={200: JobOut})
@require("job.submit")
def edit_job(request: OrgRequest, pk: UUID, payload: JobEdit) -> HttpResponse:
    fields = edits_of(payload)
    return _done(_found(request, pk), lambda job: editing.edit(job, fields, by=request.user))


@router.delete("/{uuid:pk}", response={204: None})
@require("job.manage")
def delete_job(request: OrgRequest, pk: UUID) -> HttpResponse:
    try:
        editing.delete(_found(request, pk))
    except IllegalMove as error:
        raise Conflict(str(error)) from error
    return HttpResponse(status=204)


@router.post("/{uuid:pk}/cancel", response={200: JobOut})
@require("job.cancel")
def cancel(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _done(_found(request, pk), stopping.cancel)


@router.post("/{uuid:pk}/start", response={200: JobOut})
@require("job.manage")
def start(request: OrgRequest, pk: UUID, payload: StartIn) -> HttpResponse:
    if lent.machine(payload.printer_id) is None:
        raise Http404
    slots = {str(one.filament): one.slot for one in payload.slots}
    return _done(
        _found(request, pk),
        lambda job: by_hand.start(job, payload.printer_id, payload.override_reason, slots),
    )


@router.get("/{uuid:pk}/slots", response={200: SlotsOut}, summary="Which slot would serve which filament")
@require("job.view")
def slots(request: OrgRequest, pk: UUID, query: Query[SlotsQuery]) -> HttpResponse:
    if unknown := sorted(set(request.GET) - {"printer_id"}):
        raise Problem(422, "Unknown parameter.", [field_error(name, "is not known here") for name in unknown])
    job = _found(request, pk)
    if query.printer_id is None:
        return answer(describe_slots(mapping.next_for(job)))
    if not choices_for(request.membership, query.printer_id):
        get_object_or_404(visible_printers(request.membership), pk=query.printer_id)
    machine = lent.machine(query.printer_id)
    return answer(describe_slots(mapping.on(job, machine) if machine else None))


@router.post("/{uuid:pk}/resolve-start", response={200: JobOut})
@require("job.manage")
def resolve_start(request: OrgRequest, pk: UUID, payload: ResolveIn) -> HttpResponse:
    return _done(_found(request, pk), lambda job: stopping.resolve_start(job, printing=payload.printing))


@router.post("/{uuid:pk}/move", response={200: JobOut})
@require("job.manage")
def move(request: OrgRequest, pk: UUID, payload: MoveIn) -> HttpResponse:
    found = _found(request, pk)
    if payload.before:
        before = _found(request, payload.before)
        return _done(found, lambda job: ordering.move_before(job, before))
    return _done(found, lambda job: ordering.move(job, payload.to or "top"))


@router.post("/{uuid:pk}/print-again", response={201: JobOut})
@require("job.submit")
@idempotent
def print_again(request: OrgRequest, pk: UUID) -> HttpResponse:
    made = submitting.again(_found(request, pk), request.user)
    return answer(describe_job(made.pk), status=201)
