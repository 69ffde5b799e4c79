"""Presets in the REST API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from jobs import presetting
from jobs.describing import WORDS, describe_target
from jobs.models import Preset
from jobs.schemas import FilamentWish, PriorityWord, Target
from jobs.states import Priority
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, Strict, answer, listing, ordered, searched
from orgs.rest.problems import Problem, field_error

from .answering import aim_of, wishes_of

router = Router(tags=["presets"])
OF_PRESET = (
    "pk", "name", "owner_id", "copies", "target", "target_printer_id", "target_tag__name", "target_model",
    "filaments", "priority", "auto_start", "notes",
)  # fmt: skip


class PresetIn(Strict):
    """`shared` ones are the organisation's, and for operators to make; others are your own."""

    name: str = Field(min_length=1, max_length=60)
    shared: bool = False
    copies: int = Field(1, ge=1, le=500)
    target: Target = Target.model_validate({"any": True})
    filaments: list[FilamentWish] = Field([], max_length=64)
    priority: PriorityWord = "normal"
    auto_start: bool = False
    notes: str = Field("", max_length=2000)


class PresetEdit(Strict):
    """What is not given stays."""

    name: str | None = Field(None, min_length=1, max_length=60)
    copies: int | None = Field(None, ge=1, le=500)
    target: Target | None = None
    filaments: list[FilamentWish] | None = Field(None, max_length=64)
    priority: PriorityWord | None = None
    auto_start: bool | None = None
    notes: str | None = Field(None, max_length=2000)


class PresetOut(Schema):
    """A printer or tag of `target` that is gone is null."""

    id: UUID
    name: str
    shared: bool
    copies: int
    target: dict[str, Any]
    filaments: list[dict[str, Any]]
    priority: PriorityWord
    auto_start: bool
    notes: str


class PresetListOut(Schema):
    items: list[PresetOut]
    count: int


@router.get("", response={200: PresetListOut})
@require("job.view")
def presets(request: OrgRequest, query: Query[ListQuery]) -> HttpResponse:
    """The organisation's and your own."""
    rows = searched(presetting.visible(request.membership), query.search, ["name"])
    rows = ordered(rows, query.ordering, {"name": "name", "created_at": "created_at"}, ["name"])
    return listing(request, query, rows.values_list(*OF_PRESET), _described)


@router.post("", response={201: PresetOut})
@require("job.submit")
@idempotent
def add_preset(request: OrgRequest, payload: PresetIn) -> HttpResponse:
    """One that is `shared` is the organisation's, and made by operators."""
    if payload.shared and not presetting.may_share(request.membership):
        raise PermissionDenied(_("Operators make the presets of the organisation."))
    made = presetting.add(payload.name, _options(payload), None if payload.shared else request.user)
    return _told(made.pk, 201)


@router.get("/{uuid:pk}", response={200: PresetOut})
@require("job.view")
def preset(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _told(_found(request, pk).pk)


@router.patch("/{uuid:pk}", response={200: PresetOut})
@require("job.submit")
def edit_preset(request: OrgRequest, pk: UUID, payload: PresetEdit) -> HttpResponse:
    found = _changeable(request, pk)
    empty = [name for name in payload.model_fields_set if getattr(payload, name) is None]
    if empty:
        raise Problem(
            422, _("Some values are not accepted."), [field_error(name, "is required") for name in empty]
        )
    fields = _options(payload)
    if payload.name is not None:
        fields["name"] = payload.name
    presetting.change(found, fields)
    return _told(found.pk)


@router.delete("/{uuid:pk}", response={204: None})
@require("job.submit")
def delete_preset(request: OrgRequest, pk: UUID) -> HttpResponse:
    presetting.delete(_changeable(request, pk))
    return HttpResponse(status=204)


def _found(request: OrgRequest, pk: UUID) -> Preset:
    return get_object_or_404(presetting.visible(request.membership), pk=pk)


def _changeable(request: OrgRequest, pk: UUID) -> Preset:
    found = _found(request, pk)
    if not presetting.may_change(request.membership, found):
        raise PermissionDenied(_("Operators change the presets of the organisation."))
    return found


def _options(payload: PresetIn | PresetEdit) -> dict[str, Any]:
    """What is given, as the domain takes it; Http404 for what is not in this organisation."""
    given = payload.model_dump(exclude_unset=True, include={"copies", "auto_start", "notes"})
    if "priority" in payload.model_fields_set and payload.priority:
        given["priority"] = Priority[payload.priority.upper()]
    if "filaments" in payload.model_fields_set and payload.filaments is not None:
        given["filaments"] = wishes_of(payload.filaments)
    if "target" in payload.model_fields_set and payload.target:
        names = ("target", "target_printer", "target_tag", "target_model")
        given |= zip(names, aim_of(payload.target), strict=True)
    return given


def _told(pk: UUID, status: int = 200) -> HttpResponse:
    rows = Preset.objects.filter(pk=pk).values_list(*OF_PRESET)
    return answer(_described(list(rows))[0], status)


def _described(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [_preset(dict(zip(OF_PRESET, row, strict=True))) for row in rows]


def _preset(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["pk"]),
        "name": row["name"],
        "shared": row["owner_id"] is None,
        "copies": row["copies"],
        "target": describe_target(row),
        "filaments": row["filaments"],
        "priority": WORDS[row["priority"]],
        "auto_start": row["auto_start"],
        "notes": row["notes"],
    }
