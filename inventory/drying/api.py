"""Drying in the REST API: sessions, and the rules by which spools are due."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from inventory.models import Drying, DryingRule, Spool
from inventory.refusing import Refused
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, answer, listing, ordered, searched
from orgs.rest.problems import Conflict

from . import sessions, setting
from .schemas import (
    DryingEdit,
    DryingIn,
    DryingListOut,
    DryingOut,
    DryingQuery,
    RuleIn,
    RuleListOut,
    RuleOut,
)

R = TypeVar("R")
of_spools = Router(tags=["spools"])
dryings = Router(tags=["drying"])
rules = Router(tags=["drying"])
COLUMNS = {
    "id": "pk",
    "spool_id": "spool_id",
    "spool_number": "spool__number",
    "material": "spool__filament__material",
    "at": "at",
    "temperature_c": "temperature_c",
    "hours": "hours",
    "humidity_before": "humidity_before",
    "humidity_after": "humidity_after",
    "device": "device",
    "note": "note",
    "by": "by__name",
}
SORTS = {name: COLUMNS[name] for name in ("at", "temperature_c", "hours", "spool_number", "material")}


@of_spools.get("/{uuid:pk}/dryings", response={200: DryingListOut}, summary="The dryings of a spool")
@require("spool.view")
def list_of_spool(request: OrgRequest, pk: UUID, query: Query[ListQuery]) -> HttpResponse:
    return _listed(request, query, get_object_or_404(Spool, pk=pk).dryings.all())


@of_spools.post("/{uuid:pk}/dryings", response={201: DryingOut}, summary="Write down that it was dried")
@require("spool.edit")
@idempotent
def add_drying(request: OrgRequest, pk: UUID, payload: DryingIn) -> HttpResponse:
    """409 where it was in a dryer at that time already. Several spools at once: POST /api/spools/bulk."""
    spool = get_object_or_404(Spool, pk=pk)
    said = payload.model_dump(exclude_none=True)
    (made,) = _tried(lambda: sessions.add([spool], said, request.user))
    return answer(_one(made.pk), 201)


@dryings.get("", response={200: DryingListOut})
@require("spool.view")
def list_dryings(request: OrgRequest, query: Query[DryingQuery]) -> HttpResponse:
    """The latest first."""
    rows = Drying.objects.all()
    if query.spool_id is not None:
        rows = rows.filter(spool=query.spool_id)
    if query.device:
        rows = rows.filter(device__iexact=query.device)
    return _listed(request, query, rows)


@dryings.get("/{uuid:pk}", response={200: DryingOut})
@require("spool.view")
def drying(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(_one(get_object_or_404(Drying, pk=pk).pk))


@dryings.patch("/{uuid:pk}", response={200: DryingOut})
@require("spool.edit")
def edit_drying(request: OrgRequest, pk: UUID, payload: DryingEdit) -> HttpResponse:
    found = _found(pk)
    _tried(lambda: sessions.edit(found, payload.model_dump(exclude_unset=True)))
    return answer(_one(pk))


@dryings.delete("/{uuid:pk}", response={204: None})
@require("spool.edit")
def delete_drying(request: OrgRequest, pk: UUID) -> HttpResponse:
    sessions.delete(_found(pk))
    return HttpResponse(status=204)


@rules.get("", response={200: RuleListOut})
@require("spool.view")
def list_rules(request: OrgRequest) -> HttpResponse:
    """Every rule in force, by material. A rule for PA is for PA6-CF too, unless that has its own."""
    items = [_rule(one) for one in setting.listed()]
    return answer({"items": items, "count": len(items)})


@rules.post("", response={201: RuleOut}, summary="Set your rule for a material")
@require("spool.edit")
@idempotent
def set_rule(request: OrgRequest, payload: RuleIn) -> HttpResponse:
    row = setting.set_rule(payload.material, payload.model_dump(exclude={"material"}))
    return answer(next(_rule(one) for one in setting.listed() if one.pk == row.pk), 201)


@rules.delete("/{uuid:pk}", response={204: None}, summary="Go back to the usual rule")
@require("spool.edit")
def delete_rule(request: OrgRequest, pk: UUID) -> HttpResponse:
    setting.forget(get_object_or_404(DryingRule, pk=pk))
    return HttpResponse(status=204)


def _listed(request: OrgRequest, query: ListQuery, rows: Any) -> HttpResponse:
    rows = searched(rows, query.search, ["device", "note", "spool__filament__material"])
    rows = ordered(rows, query.ordering, SORTS, ["-at"]).values_list(*COLUMNS.values())
    return listing(request, query, rows, _described)


def _described(rows: Sequence[Any]) -> list[dict[str, Any]]:
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    return [one | {"hours": float(one["hours"])} for one in found]


def _one(pk: UUID) -> dict[str, Any]:
    return _described(list(Drying.objects.filter(pk=pk).values_list(*COLUMNS.values())))[0]


def _found(pk: UUID) -> Drying:
    return get_object_or_404(Drying.objects.select_related("spool"), pk=pk)


def _rule(one: setting.Listed) -> dict[str, Any]:
    rule = one.rule
    return {
        "id": one.pk,
        "material": rule.material,
        "temperature_c": rule.temperature_c,
        "hours": rule.hours,
        "valid_days": rule.valid_days,
    }


def _tried(act: Callable[[], R]) -> R:
    try:
        return act()
    except Refused as reason:
        raise Conflict(str(reason)) from reason
