"""Filaments and spools in the REST API."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router

from bulk.rest import start_bulk
from bulk.schemas import StartedOut
from jobs.models import Print
from jobs.states import ACTIVE
from jobs.visible import visible_jobs
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, answer, listing, ordered, searched
from orgs.rest.problems import Conflict, Problem, field_error
from printers.models import Printer, Slot

from . import describing, keeping, loading, products, rfid, weighing
from .bulk import SPOOLS
from .drying.reckoning import needs_drying
from .models import Filament, Spool
from .refusing import OutOfRange, Refused
from .schemas import (
    FilamentEdit,
    FilamentIn,
    FilamentListOut,
    FilamentOut,
    FilamentQuery,
    FilamentsQuery,
    LoadIn,
    SpoolBulkIn,
    SpoolEdit,
    SpoolFilterIn,
    SpoolFilters,
    SpoolIn,
    SpoolListOut,
    SpoolOut,
    SpoolQuery,
    UsageListOut,
    WeighIn,
)
from .stock import RUNS_LOW, STANDS, with_left, with_stock
from .tagging import set_tags

T = TypeVar("T")
filaments = Router(tags=["filaments"])
spools = Router(tags=["spools"])
NAMES = ["material", "brand", "name", "color_name"]
OF_FILAMENTS = {
    name: name for name in ("material", "brand", "name", "color_name", "price_per_kg", "created_at")
}
OF_SPOOLS = {
    "material": "filament__material",
    "brand": "filament__brand",
    **{
        name: name
        for name in ("number", "grams_left", "initial_g", "cost", "location", "opened_at", "created_at")
    },
}


@filaments.get("", response={200: FilamentListOut})
@require("spool.view")
def list_filaments(request: OrgRequest, query: Query[FilamentsQuery]) -> HttpResponse:
    rows = searched(Filament.objects.filter(_named(query)), query.search, NAMES)
    if query.low is not None:
        low = with_stock(Filament.objects.all()).filter(RUNS_LOW).values("pk")
        rows = rows.filter(pk__in=low) if query.low else rows.exclude(pk__in=low)
    rows = ordered(rows, query.ordering, OF_FILAMENTS, ["material", "brand", "color_name"])
    return listing(request, query, describing.filament_rows(rows), describing.describe_filaments)


@filaments.post("", response={201: FilamentOut})
@require("spool.edit")
@idempotent
def add_filament(request: OrgRequest, payload: FilamentIn) -> HttpResponse:
    filament = products.add_filament(payload.model_dump())
    return answer(describing.describe_filament(filament.pk), 201)


@filaments.get("/{uuid:pk}", response={200: FilamentOut})
@require("spool.view")
def filament(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(describing.describe_filament(get_object_or_404(Filament, pk=pk).pk))


@filaments.patch("/{uuid:pk}", response={200: FilamentOut})
@require("spool.edit")
def edit_filament(request: OrgRequest, pk: UUID, payload: FilamentEdit) -> HttpResponse:
    products.edit_filament(get_object_or_404(Filament, pk=pk), payload.model_dump(exclude_unset=True))
    return answer(describing.describe_filament(pk))


@filaments.delete("/{uuid:pk}", response={204: None})
@require("spool.edit")
def delete_filament(request: OrgRequest, pk: UUID) -> HttpResponse:
    _tried(partial(products.delete_filament, get_object_or_404(Filament, pk=pk)))
    return HttpResponse(status=204)


@spools.get("", response={200: SpoolListOut})
@require("spool.view")
def list_spools(request: OrgRequest, query: Query[SpoolQuery]) -> HttpResponse:
    rows = ordered(with_left(_matching(query)), query.ordering, OF_SPOOLS, ["-number"])
    return listing(request, query, describing.spool_rows(rows), describing.describe_spools)


@spools.post("/bulk", response={202: StartedOut}, summary="One action on many spools")
@require("spool.edit")
@idempotent
def start_bulk_spools(request: OrgRequest, payload: SpoolBulkIn) -> HttpResponse:
    return start_bulk(request, SPOOLS, payload, _matching)


def _matching(query: SpoolQuery | SpoolFilterIn) -> "QuerySet[Spool]":
    """The spools that a list or a bulk action asks for."""
    names = [*(f"filament__{name}" for name in NAMES), "number", "lot", "supplier", "location"]
    rows = searched(Spool.objects.filter(_named(query, "filament__"), _standing(query)), query.search, names)
    if query.tag:
        rows = rows.filter(tags__name__iexact=query.tag)
    if query.needs_drying is not None:
        rows = rows.filter(needs_drying()) if query.needs_drying else rows.exclude(needs_drying())
    return rows


def _named(query: FilamentQuery | SpoolFilters, prefix: str = "") -> Q:
    said = {"material": query.material, "brand": query.brand}
    return Q(**{f"{prefix}{name}__iexact": value for name, value in said.items() if value})


def _standing(query: SpoolFilters) -> Q:
    said: dict[str, Any] = {
        "filament": query.filament_id,
        "slot__printer": query.printer_id,
        "location__iexact": query.location,
        "supplier__iexact": query.supplier,
        "lot": query.lot,
        "left_source": query.left_source,
        "tag_uid": None if query.tag_uid is None else rfid.tag_of(query.tag_uid),
        "external_id": query.external_id,
    }
    condition = Q(**{name: value for name, value in said.items() if value is not None})
    if query.state is not None:
        condition &= STANDS[query.state]
    if query.archived is not None:
        condition &= Q(archived_at__isnull=not query.archived)
    return condition


@spools.post("", response={201: SpoolOut})
@require("spool.edit")
@idempotent
def add_spool(request: OrgRequest, payload: SpoolIn) -> HttpResponse:
    filament = get_object_or_404(Filament, pk=payload.filament_id)
    fields = payload.model_dump(exclude={"filament_id", "tags"})

    def make() -> UUID:
        with transaction.atomic():
            (spool,) = keeping.add(filament, **fields)
            set_tags(spool, payload.tags)
        return spool.pk

    return answer(describing.describe_spool(_tried(make)), 201)


@spools.get("/{uuid:pk}", response={200: SpoolOut})
@require("spool.view")
def spool(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(describing.describe_spool(_spool(pk).pk))


@spools.patch("/{uuid:pk}", response={200: SpoolOut})
@require("spool.edit")
def edit_spool(request: OrgRequest, pk: UUID, payload: SpoolEdit) -> HttpResponse:
    found = _spool(pk)
    fields = payload.model_dump(exclude_unset=True)
    tags = fields.pop("tags", None)
    if filament_id := fields.pop("filament_id", None):
        fields["filament"] = get_object_or_404(Filament, pk=filament_id)

    def change(spool: Spool) -> None:
        with transaction.atomic():
            keeping.edit(spool, fields)
            if tags is not None:
                set_tags(spool, tags)

    return _done(found, change)


@spools.delete("/{uuid:pk}", response={204: None})
@require("spool.edit")
def delete_spool(request: OrgRequest, pk: UUID) -> HttpResponse:
    found = _spool(pk)
    if Print.objects.filter(state__in=ACTIVE, spools__contains=[{"spool_id": str(pk)}]).exists():
        raise Conflict(_("A print is using spool #%(number)d.") % {"number": found.number})
    _tried(partial(keeping.delete, found))
    return HttpResponse(status=204)


@spools.post("/{uuid:pk}/weigh", response={200: SpoolOut})
@require("spool.edit")
@idempotent
def weigh(request: OrgRequest, pk: UUID, payload: WeighIn) -> HttpResponse:
    if (payload.grams_left is None) == (payload.gross_g is None):
        words = _("Give either grams_left, without the reel, or gross_g, with it.")
        raise Problem(422, words, [field_error("grams_left", words)])
    field = "gross_g" if payload.grams_left is None else "grams_left"
    return _done(_spool(pk), lambda spool: _weighed(spool, payload), field)


def _weighed(spool: Spool, payload: WeighIn) -> None:
    if payload.gross_g is not None:
        weighing.weigh_with_reel(spool, payload.gross_g, payload.reel_g)
    elif payload.grams_left is not None:
        weighing.weigh(spool, payload.grams_left)


@spools.post("/{uuid:pk}/load", response={200: SpoolOut})
@require("spool.edit")
def load(request: OrgRequest, pk: UUID, payload: LoadIn) -> HttpResponse:
    found, printer = _spool(pk), get_object_or_404(Printer, pk=payload.printer_id)
    slot = Slot.objects.filter(printer=printer, index=payload.slot).first()
    if slot is None:
        raise Problem(
            422,
            _("%(printer)s has no slot %(slot)d.") % {"printer": printer, "slot": payload.slot},
            [field_error("slot", "is not on this printer")],
        )
    return _done(found, lambda spool: loading.load(spool, slot))


@spools.post("/{uuid:pk}/unload", response={200: SpoolOut})
@require("spool.edit")
def unload(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _done(_spool(pk), loading.unload)


@spools.post("/{uuid:pk}/archive", response={200: SpoolOut})
@require("spool.edit")
def archive(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _done(_spool(pk), keeping.archive)


@spools.post("/{uuid:pk}/restore", response={200: SpoolOut})
@require("spool.edit")
def restore(request: OrgRequest, pk: UUID) -> HttpResponse:
    return _done(_spool(pk), keeping.restore)


@spools.get("/{uuid:pk}/usage", response={200: UsageListOut})
@require("spool.view")
def usage(request: OrgRequest, pk: UUID, query: Query[ListQuery]) -> HttpResponse:
    rows = searched(_spool(pk).usages.all(), query.search, ["note", "reference"])
    rows = ordered(rows, query.ordering, {"at": "at", "grams": "grams"}, ["-at"])

    def show(page: Any) -> list[dict[str, Any]]:
        prints = Print.objects.filter(
            pk__in=[row[-1] for row in page if row[-1]], job__in=visible_jobs(request.membership)
        )
        return describing.describe_usages(page, dict(prints.values_list("pk", "job_id")))

    return listing(request, query, describing.usage_rows(rows), show)


def _spool(pk: UUID) -> Spool:
    return get_object_or_404(Spool, pk=pk)


def _done(spool: Spool, act: Callable[[Spool], object], field: str = "") -> HttpResponse:
    """The spool after `act`."""
    _tried(partial(act, spool), field)
    return answer(describing.describe_spool(spool.pk))


def _tried(act: Callable[[], T], field: str = "") -> T:
    """What can't be true is a 422 about `field`, what the state does not allow a 409, with the reason."""
    try:
        return act()
    except OutOfRange as reason:
        raise Problem(422, str(reason), [field_error(field, str(reason))]) from reason
    except Refused as reason:
        raise Conflict(str(reason)) from reason
