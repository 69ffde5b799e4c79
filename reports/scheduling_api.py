"""Scheduled reports and their runs in the REST API."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router

from orgs.limits import always, limited
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, Strict, answer, listing, ordered, searched
from orgs.rest.problems import Problem, field_error
from ui.headers import as_file, as_mail

from . import keeping, planning, setting
from .forms import ScheduleForm
from .models import Recipient, Run, Schedule
from .readers import told
from .schedules import Every

router = Router(tags=["reports"])
WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TYPES = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}
# What a field is called here and in the form that checks it.
IN_FORM = {"department_id": "department"}


class ScheduleIn(Strict):
    """`hour` is on the organisation's clock. `weekday` is for weeks, `day` for months."""

    name: str = Field(max_length=80)
    kind: str
    every: Every = Every.WEEK
    weekday: Weekday = "mon"
    day: int = Field(1, ge=1, le=31)
    hour: int = Field(6, ge=0, le=23)
    tag: str = Field("", max_length=40)
    department_id: UUID | None = None
    with_csv: bool = False
    recipients: list[str] = Field(min_length=1, max_length=100)


class ScheduleEdit(Strict):
    """What is left out stays. `paused` pauses it, or resumes it from its next time on."""

    name: str | None = Field(None, max_length=80)
    kind: str | None = None
    every: Every | None = None
    weekday: Weekday | None = None
    day: int | None = Field(None, ge=1, le=31)
    hour: int | None = Field(None, ge=0, le=23)
    tag: str | None = Field(None, max_length=40)
    department_id: UUID | None = None
    with_csv: bool | None = None
    recipients: list[str] | None = Field(None, min_length=1, max_length=100)
    paused: bool | None = None


class RunQuery(ListQuery):
    """`schedule_id`: runs of that one only."""

    schedule_id: UUID | None = None
    state: Run.State | None = None


@router.get("/schedules", summary="Reports that are sent by themselves")
@require("report.analyse")
def list_schedules(request: OrgRequest, query: Query[ListQuery]) -> HttpResponse:
    rows = searched(Schedule.objects.prefetch_related("recipients"), query.search, ["name"])
    rows = ordered(rows, query.ordering, {"name": "name", "next_at": "next_at"}, ["name"])
    return listing(request, query, rows, _schedules)


@router.post("/schedules", response={201: None}, summary="Send a report by itself")
@require("report.schedule")
@idempotent
def add_schedule(request: OrgRequest, payload: ScheduleIn) -> HttpResponse:
    form = _checked(request, payload.model_dump())
    made = setting.add(form.fields_of(), form.cleaned_data["recipients"], request.user)
    return answer(_schedules([made])[0], 201)


@router.get("/schedules/{uuid:pk}")
@require("report.analyse")
def schedule(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(_schedules([get_object_or_404(Schedule, pk=pk)])[0])


@router.patch("/schedules/{uuid:pk}")
@require("report.schedule")
def edit_schedule(request: OrgRequest, pk: UUID, payload: ScheduleEdit) -> HttpResponse:
    found = get_object_or_404(Schedule, pk=pk)
    given = payload.model_dump(exclude_unset=True)
    paused = given.pop("paused", None)
    # Only these two can be emptied.
    said = {
        name: value for name, value in given.items() if value is not None or name in ("tag", "department_id")
    }
    if said:
        form = _checked(request, {**_as_given(found), **said}, found)
        setting.edit(found, form.fields_of(), form.cleaned_data["recipients"])
    if paused is not None:
        (setting.pause if paused else setting.resume)(Schedule.objects.get(pk=pk))
    return answer(_schedules([Schedule.objects.get(pk=pk)])[0])


@router.delete("/schedules/{uuid:pk}", response={204: None})
@require("report.schedule")
def delete_schedule(request: OrgRequest, pk: UUID) -> HttpResponse:
    setting.delete(get_object_or_404(Schedule, pk=pk))
    return HttpResponse(status=204)


@router.post("/schedules/{uuid:pk}/run", response={202: None}, summary="Make and send it now")
@require("report.schedule")
@limited("report-run")
@idempotent
def run_schedule(request: OrgRequest, pk: UUID) -> HttpResponse:
    run = planning.run_now(get_object_or_404(Schedule, pk=pk), request.user)
    return answer(_run(run), 202)


@router.get("/runs", summary="What was sent")
@require("report.analyse")
def list_runs(request: OrgRequest, query: Query[RunQuery]) -> HttpResponse:
    said = {"schedule": query.schedule_id, "state": query.state}
    rows = Run.objects.filter(**{name: value for name, value in said.items() if value})
    rows = ordered(
        searched(rows, query.search, ["name"]), query.ordering, {"at": "at", "state": "state"}, ["-at"]
    )
    return listing(
        request, query, rows.prefetch_related("sendings"), lambda page: [_run(one) for one in page]
    )


@router.get("/runs/{uuid:pk}")
@require("report.analyse")
def run(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(_run(get_object_or_404(Run, pk=pk)))


@router.get("/runs/{uuid:pk}/pdf", summary="The exact PDF that was sent")
@require("report.analyse")
@limited("export", when=always)
def run_pdf(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _file(pk, "pdf")


@router.get("/runs/{uuid:pk}/html", summary="The exact mail that was sent")
@require("report.analyse")
@limited("export", when=always)
def run_html(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _file(pk, "html")


def _file(pk: UUID, what: str) -> HttpResponse:
    path = getattr(get_object_or_404(Run, pk=pk), what)
    if not path or not default_storage.exists(path):
        raise Http404
    response = HttpResponse(keeping.read(path), content_type=TYPES[what])
    return as_mail(response) if what == "html" else as_file(response)


def _checked(request: OrgRequest, said: dict[str, Any], found: Schedule | None = None) -> ScheduleForm:
    """The same form as on the page; a Problem names what it does not take."""
    data = {**said, "weekday": WORDS.index(said["weekday"]), "department": said["department_id"]}
    data["recipients"] = "\n".join(said["recipients"])
    form = ScheduleForm(data, request.org, instance=found)
    if not form.is_valid():
        names = {inside: name for name, inside in IN_FORM.items()}
        errors = [
            field_error(names.get(name, name), str(message))
            for name, messages in form.errors.items()
            for message in messages
        ]
        raise Problem(422, "Some values are not accepted.", errors)
    return form


def _as_given(one: Schedule) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "every": one.every,
        "weekday": WORDS[one.weekday],
        "day": one.day,
        "hour": one.hour,
        "tag": one.filters.get("tag", ""),
        "department_id": one.filters.get("department"),
        "with_csv": one.with_csv,
        "recipients": [recipient.email for recipient in one.recipients.all()],
    }


def _schedules(page: Sequence[Schedule]) -> list[dict[str, Any]]:
    told_now = set(Recipient.objects.filter(told(), schedule__in=page).values_list("pk", flat=True))
    return [_schedule(one, told_now) for one in page]


def _schedule(one: Schedule, told_now: Collection[UUID]) -> dict[str, Any]:
    recipients = [
        {"email": recipient.email, "gets_it": recipient.pk in told_now} for recipient in one.recipients.all()
    ]
    return {
        "id": one.pk,
        **_as_given(one),
        "recipients": recipients,
        "next_at": one.next_at,
        "paused": one.is_paused,
        "paused_because": one.paused_because,
    }


def _run(one: Run) -> dict[str, Any]:
    return {
        "id": one.pk,
        "schedule_id": one.schedule_id,
        "name": one.name,
        "kind": one.kind,
        "from": one.first,
        "to": one.last,
        "state": one.state,
        "due_at": _time(one.due_at),
        "at": _time(one.at),
        "ended_at": None if one.state in Run.OPEN else _time(one.ended_at),
        "error": one.error,
        "sent": [
            {"email": each.email, "state": each.state, "error": each.error} for each in one.sendings.all()
        ],
    }


def _time(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
