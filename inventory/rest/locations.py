"""Locations and dry boxes in the REST API."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from inventory import locations
from inventory.models import Location
from inventory.refusing import Refused
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, Strict, answer, listing, ordered, searched
from orgs.rest.problems import Conflict, Problem, field_error

router = Router(tags=["spools"])
FIELDS = ("pk", "name", "is_dry_box", "humidity_percent", "spools")
ORDERS = {name: name for name in ("name", "spools", "humidity_percent")}


class LocationQuery(ListQuery):
    is_dry_box: bool | None = None


class LocationIn(Strict):
    name: str = Field(min_length=1, max_length=80)
    is_dry_box: bool = False
    humidity_percent: int | None = Field(None, ge=0, le=100)


class LocationEdit(Strict):
    """Only what is given is changed; the spools of the location go by its new name."""

    name: str | None = Field(None, min_length=1, max_length=80)
    is_dry_box: bool | None = None
    humidity_percent: int | None = Field(None, ge=0, le=100)


class MergeIn(Strict):
    into_id: UUID


class LocationOut(Schema):
    """`spools` counts what belongs there and is not archived, loaded or not."""

    id: UUID
    name: str
    is_dry_box: bool
    humidity_percent: int | None
    spools: int


class LocationListOut(Schema):
    items: list[LocationOut]
    count: int


@router.get("", response={200: LocationListOut})
@require("spool.view")
def list_locations(request: OrgRequest, query: Query[LocationQuery]) -> HttpResponse:
    rows = searched(locations.counted(), query.search, ["name"])
    if query.is_dry_box is not None:
        rows = rows.filter(is_dry_box=query.is_dry_box)
    rows = ordered(rows, query.ordering, ORDERS, ["name"])
    return listing(request, query, _rows(rows), _described)


@router.post("", response={201: LocationOut})
@require("spool.edit")
@idempotent
def add_location(request: OrgRequest, payload: LocationIn) -> HttpResponse:
    _named(payload.name)
    made: list[Location] = []
    _tried(lambda: made.append(locations.add(payload.model_dump())))
    return answer(_one(made[0].pk), 201)


@router.get("/{uuid:pk}", response={200: LocationOut})
@require("spool.view")
def location(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(_one(get_object_or_404(Location, pk=pk).pk))


@router.patch("/{uuid:pk}", response={200: LocationOut})
@require("spool.edit")
def edit_location(request: OrgRequest, pk: UUID, payload: LocationEdit) -> HttpResponse:
    found = get_object_or_404(Location, pk=pk)
    fields = payload.model_dump(exclude_unset=True)
    nulls = [name for name in ("name", "is_dry_box") if name in fields and fields[name] is None]
    if nulls:
        raise Problem(
            422, "Some values are not accepted.", [field_error(name, "can't be null") for name in nulls]
        )
    if "name" in fields:
        _named(fields["name"])
    _tried(lambda: locations.edit(found, fields))
    return answer(_one(pk))


@router.delete("/{uuid:pk}", response={204: None})
@require("spool.edit")
def delete_location(request: OrgRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Location, pk=pk)
    _tried(lambda: locations.delete(found))
    return HttpResponse(status=204)


@router.post("/{uuid:pk}/merge", response={200: LocationOut})
@require("spool.edit")
def merge_location(request: OrgRequest, pk: UUID, payload: MergeIn) -> HttpResponse:
    """All its spools go to the other location, which is answered; it is gone."""
    found, into = get_object_or_404(Location, pk=pk), get_object_or_404(Location, pk=payload.into_id)
    _tried(lambda: locations.merge(found, into))
    return answer(_one(into.pk))


def _rows(rows: "QuerySet[Location]") -> Any:
    return rows.values_list(*FIELDS)


def _one(pk: UUID) -> dict[str, Any]:
    return _described(list(_rows(locations.counted().filter(pk=pk))))[0]


def _described(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(("id", *FIELDS[1:]), row, strict=True)) for row in rows]


def _named(name: str) -> None:
    if not locations.cleaned(name):
        raise Problem(422, "Some values are not accepted.", [field_error("name", "is empty")])


def _tried(act: Callable[[], object]) -> None:
    """What the state does not allow is a 409 with the reason."""
    try:
        act()
    except Refused as reason:
        raise Conflict(str(reason)) from reason
