"""Rate cards in the REST API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from jobs.charging import setting
from jobs.charging.models import RateCard
from jobs.charging.schemas import RateCardIn, RateCardListOut, RateCardOut
from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, answer, listing, ordered, searched
from orgs.rest.problems import Problem

router = Router(tags=["chargebacks"])
NUMBERS = ("per_hour", "per_kwh", "labour_per_print", "labour_per_hour", "fee_per_job", "failure_percent")


@router.get("", response={200: RateCardListOut})
@require("charge.view")
def rate_cards(request: OrgRequest, query: Query[ListQuery]) -> HttpResponse:
    """The latest first."""
    rows = searched(RateCard.objects.all(), query.search, ["note", "currency"])
    rows = ordered(rows, query.ordering, {"valid_from": "valid_from"}, ["-valid_from"])
    return listing(request, query, rows, _described)


@router.post("", response={201: RateCardOut})
@require("charge.manage")
@idempotent
def add_rate_card(request: OrgRequest, payload: RateCardIn) -> HttpResponse:
    """From a day on that is not past; 422 if there is one from that day."""
    card = RateCard(**payload.model_dump(), currency=request.org.currency)
    return answer(_described([setting.save(card)])[0], 201)


@router.get("/{uuid:pk}", response={200: RateCardOut})
@require("charge.view")
def rate_card(request: OrgRequest, pk: UUID) -> HttpResponse:
    return answer(_described([get_object_or_404(RateCard, pk=pk)])[0])


@router.put("/{uuid:pk}", response={200: RateCardOut})
@require("charge.manage")
def edit_rate_card(request: OrgRequest, pk: UUID, payload: RateCardIn) -> HttpResponse:
    """The whole card anew; 409 for one that has begun."""
    card = _changeable(pk)
    for name, value in payload.model_dump().items():
        setattr(card, name, value)
    return answer(_described([setting.save(card)])[0])


@router.delete("/{uuid:pk}", response={204: None})
@require("charge.manage")
def delete_rate_card(request: OrgRequest, pk: UUID) -> HttpResponse:
    """409 for one that has begun."""
    setting.delete(_changeable(pk))
    return HttpResponse(status=204)


def _changeable(pk: UUID) -> RateCard:
    card = get_object_or_404(RateCard, pk=pk)
    if setting.has_begun(card):
        raise Problem(409, "This card has begun: make a new one from a later day.")
    return card


def _described(rows: Sequence[RateCard]) -> list[dict[str, Any]]:
    return [_card(one) for one in rows]


def _card(card: RateCard) -> dict[str, Any]:
    same = ("id", "valid_from", "currency", "watts", "policy", "by_model", "by_department", "note")
    return {
        **{name: getattr(card, name) for name in same},
        **{name: f"{getattr(card, name).normalize():f}" for name in NUMBERS},
        "has_begun": setting.has_begun(card),
    }
