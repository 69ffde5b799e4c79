"""Maintenance in the REST API."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import answer, listing, ordered, searched
from orgs.rest.problems import Conflict, Problem, field_error
from printers.models import Printer

from . import counting, describing, doing, nozzles, setting
from .models import PLAN, LogEntry, Task
from .reckoning import reckoned
from .refusing import Refused
from .schemas import (
    DoneIn,
    EntryListOut,
    EntryOut,
    HoursIn,
    LogQuery,
    MeterOut,
    NozzleIn,
    TaskEdit,
    TaskIn,
    TaskListOut,
    TaskOut,
    TaskQuery,
)

R = TypeVar("R")
router = Router(tags=["maintenance"])
OF_TASKS = {"name": "name", "printer": "printer__name", "used": "share", "since_on": "since_on"}
OF_LOG = {"at": "at", "cost": "cost", "printer": "printer_name", "printed_s": "printed_s"}


@router.get("/tasks", response={200: TaskListOut})
@require("maintenance.view")
def list_tasks(request: OrgRequest, query: Query[TaskQuery]) -> HttpResponse:
    """The most overdue first."""
    said = {"standing": query.state, "printer": query.printer_id}
    rows = reckoned().filter(**{name: value for name, value in said.items() if value is not None})
    if query.tag:
        rows = rows.filter(printer__in=Printer.objects.filter(tags__name__iexact=query.tag))
    rows = searched(rows, query.search, ["name", "instructions", "printer__name"])
    rows = ordered(rows, query.ordering, OF_TASKS, ["-share", "printer__name", "name"])
    return listing(request, query, describing.task_rows(rows), describing.describe_tasks)


@router.post("/tasks", response={201: TaskOut})
@require("maintenance.edit")
@idempotent
def add_task(request: OrgRequest, payload: TaskIn) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=payload.printer_id)
    fields = payload.model_dump(include=set(PLAN))
    task = setting.add(printer, fields, used_s=payload.used_s, since_on=_past(payload))
    return answer(describing.describe_task(task.pk), 201)


@router.get("/tasks/{uuid:pk}", response={200: TaskOut})
@require("maintenance.view")
def task(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(describing.describe_task(_task(pk).pk))


@router.patch("/tasks/{uuid:pk}", response={200: TaskOut})
@require("maintenance.edit")
def edit_task(request: OrgRequest, pk: UUID, payload: TaskEdit) -> HttpResponse:
    found, fields = _task(pk), payload.model_dump(include=set(PLAN), exclude_unset=True)
    after: dict[str, Any] = {"every_hours": found.every_hours, "every_days": found.every_days} | fields
    if after["every_hours"] is None and after["every_days"] is None:
        words = "A task needs every_hours or every_days."
        raise Problem(422, words, [field_error("every_hours", "is the only interval")])
    _tried(partial(setting.edit, found, fields, used_s=payload.used_s, since_on=_past(payload)))
    return answer(describing.describe_task(pk))


@router.delete("/tasks/{uuid:pk}", response={204: None})
@require("maintenance.edit")
def delete_task(request: OrgRequest, pk: UUID) -> HttpResponse:
    """What was done stays in the log."""
    _tried(partial(setting.delete, _task(pk)))
    return HttpResponse(status=204)


@router.post("/tasks/{uuid:pk}/done", response={201: EntryOut})
@require("maintenance.log")
@idempotent
def task_done(request: OrgRequest, pk: UUID, payload: DoneIn) -> HttpResponse:
    """Write it into the log; the task counts anew from now."""
    work = doing.Work(payload.cost, payload.note)
    entry = _tried(partial(doing.done, _task(pk), request.user, work, seen_round=payload.round))
    return answer(describing.describe_entry(entry), 201)


@router.get("/log", response={200: EntryListOut})
@require("maintenance.view")
def log(request: OrgRequest, query: Query[LogQuery]) -> HttpResponse:
    """The newest first."""
    said = {"printer": query.printer_id, "task": query.task_id, "kind": query.kind}
    rows = LogEntry.objects.filter(**{name: value for name, value in said.items() if value is not None})
    rows = searched(rows, query.search, ["what", "note", "printer_name"])
    rows = ordered(rows, query.ordering, OF_LOG, ["-at"])
    return listing(request, query, describing.entry_rows(rows), describing.describe_entries)


@router.delete("/log/{uuid:pk}", response={204: None})
@require("maintenance.log")
def delete_entry(request: OrgRequest, pk: UUID) -> HttpResponse:
    """Take the newest entry of a task, or of a printer's nozzle, back; 409 for any other."""
    _tried(partial(doing.take_back, get_object_or_404(LogEntry, pk=pk)))
    return HttpResponse(status=204)


@router.get("/printers/{uuid:pk}", response={200: MeterOut})
@require("maintenance.view")
def hours(request: OrgRequest, pk: UUID) -> HttpResponse:
    """What a printer and its nozzle have printed."""
    return answer(describing.describe_meter(get_object_or_404(Printer, pk=pk)))


@router.patch("/printers/{uuid:pk}", response={200: MeterOut})
@require("maintenance.edit")
def correct_hours(request: OrgRequest, pk: UUID, payload: HoursIn) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=pk)
    counting.correct(printer, payload.printed_s, counts_for_tasks=payload.counts_for_tasks)
    return answer(describing.describe_meter(printer))


@router.post("/printers/{uuid:pk}/nozzle", response={201: EntryOut})
@require("maintenance.log")
@idempotent
def change_nozzle(request: OrgRequest, pk: UUID, payload: NozzleIn) -> HttpResponse:
    """Another nozzle is fitted: the printer has it from now on, and its hours begin anew."""
    entry = nozzles.fit(get_object_or_404(Printer, pk=pk), request.user, **payload.model_dump())
    return answer(describing.describe_entry(entry), 201)


def _task(pk: UUID) -> Task:
    return get_object_or_404(Task, pk=pk)


def _tried(act: Callable[[], R]) -> R:
    """What `act` gives; 409 with the reason where it is refused."""
    try:
        return act()
    except Refused as reason:
        raise Conflict(str(reason)) from reason


def _past(payload: TaskIn | TaskEdit) -> Any:
    """The day it was last done, if that was said; 422 for one that is still to come."""
    if payload.since_on and payload.since_on > setting.today_here():
        raise Problem(422, "That day is still to come.", [field_error("since_on", "is still to come")])
    return payload.since_on
