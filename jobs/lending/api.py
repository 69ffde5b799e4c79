"""Lending in the REST API: offers, guest prints and the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router

from orgs.permissions import require
from orgs.requests import OrgRequest
from orgs.rest.idempotency import idempotent
from orgs.rest.listing import ListQuery, answer, listing, ordered, searched
from orgs.rest.problems import Conflict, Problem, field_error
from orgs.working_hours import parse
from printers.models import Printer
from stations.models import Offer

from . import ledger, offers
from .models import GuestPrint, LedgerLine
from .schemas import (
    CorrectIn,
    GuestListOut,
    GuestQuery,
    LineListOut,
    LineOut,
    OfferIn,
    OfferListOut,
    OfferOut,
    TermsIn,
)

router = Router(tags=["lending"])
SAME = ("to_all", "materials", "most_grams", "prints_per_week", "hours_per_week", "owner_first")
PRICES = {"price_per_hour": "per_hour", "price_per_gram": "per_gram"}


@router.get("/offers", response={200: OfferListOut}, summary="Printers that you lend, or lent")
@require("lending.view")
def list_offers(request: OrgRequest, query: Query[ListQuery]) -> HttpResponse:
    rows = searched(Offer.objects.by(request.org), query.search, ["station__name"])
    rows = ordered(
        rows, query.ordering, {"printer": "station__name", "changed_at": "changed_at"}, ["station__name"]
    )
    return listing(request, query, rows, lambda page: [_offer(one) for one in page])


@router.post("/offers", response={201: OfferOut}, summary="Lend a printer")
@require("lending.manage")
@idempotent
def add_offer(request: OrgRequest, payload: OfferIn) -> HttpResponse:
    printer = get_object_or_404(Printer, pk=payload.printer_id)
    old = offers.offer_of(printer)
    if old and old.is_offered:
        raise Conflict(_("%(printer)s is lent already: change its offer.") % {"printer": printer})
    return _lent(printer, payload, None, 201)


@router.get("/offers/{uuid:printer_id}", response={200: OfferOut})
@require("lending.view")
def one_offer(request: OrgRequest, printer_id: UUID) -> HttpResponse:
    return answer(_offer(get_object_or_404(Offer.objects.by(request.org), station=printer_id)))


@router.patch("/offers/{uuid:printer_id}", response={200: OfferOut}, summary="Lend on other terms")
@require("lending.manage")
def change_offer(request: OrgRequest, printer_id: UUID, payload: TermsIn) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.by(request.org), station=printer_id)
    if not offer.is_offered:
        raise Conflict(_("This printer is not lent: lend it anew."))
    return _lent(get_object_or_404(Printer, pk=printer_id), payload, offer, 200)


@router.post("/offers/{uuid:printer_id}/withdraw", response={200: OfferOut}, summary="Lend it no more")
@require("lending.manage")
def withdraw_offer(request: OrgRequest, printer_id: UUID) -> HttpResponse:
    try:
        return answer(_offer(offers.withdraw(get_object_or_404(Printer, pk=printer_id))))
    except offers.NotOffered as error:
        raise Conflict(str(error)) from None


@router.get("/guests", response={200: GuestListOut}, summary="Prints of others on your printers")
@require("lending.view")
def list_guests(request: OrgRequest, query: Query[GuestQuery]) -> HttpResponse:
    said = {"outcome": query.outcome, "printer": query.printer_id}
    rows = GuestPrint.objects.filter(**{name: value for name, value in said.items() if value is not None})
    rows = searched(rows, query.search, ["printer_name", "borrower_name", "material"])
    rows = ordered(rows, query.ordering, {"began_at": "began_at", "ended_at": "ended_at"}, ["-began_at"])
    return listing(request, query, rows, lambda page: [_guest(one) for one in page])


@router.post("/guests/{uuid:pk}/correct", response={201: LineOut}, summary="Charge more or less for one")
@require("lending.manage")
@idempotent
def correct(request: OrgRequest, pk: UUID, payload: CorrectIn) -> HttpResponse:
    guest = get_object_or_404(GuestPrint, pk=pk)
    try:
        charge = ledger.correct(guest, payload.amount, payload.note)
    except ledger.CannotCorrect as error:
        raise Conflict(str(error)) from None
    return answer(_line(LedgerLine.objects.get(charge_id=charge.pk)), 201)


@router.get("/ledger", response={200: LineListOut}, summary="What lent printers earned and cost you")
@require("lending.view")
def list_lines(request: OrgRequest, query: Query[ListQuery]) -> HttpResponse:
    rows = searched(LedgerLine.objects.all(), query.search, ["other_name", "printer_name", "note"])
    rows = ordered(rows, query.ordering, {"at": "at", "amount": "amount"}, ["-at"])
    return listing(request, query, rows, lambda page: [_line(one) for one in page])


def _lent(printer: Printer, payload: TermsIn, old: Offer | None, status: int) -> HttpResponse:
    given = payload.model_dump(exclude_unset=True)
    if nulls := [name for name, value in given.items() if value is None]:
        errors = [field_error(name, "can't be null") for name in nulls]
        raise Problem(422, "Some values are not accepted.", errors)
    # Lent anew it keeps nothing of an offer that was withdrawn: not to all, when only some are named now.
    terms = {} if old else {name: getattr(Offer(), name) for name in offers.FIELDS}
    terms |= {name: given[name] for name in SAME if name in given}
    terms |= {ours: given[theirs] for theirs, ours in PRICES.items() if theirs in given}
    if "hours" in given:
        terms["hours"] = _hours(given["hours"])
    borrowers = offers.borrowers_of(old) if old and "borrowers" not in given else _borrowers(given)
    if not borrowers and not terms.get("to_all", old and old.to_all):
        words = "lend it to all, or name at least one organisation"
        raise Problem(422, "Some values are not accepted.", [field_error("borrowers", words)])
    try:
        return answer(_offer(offers.lend(printer, terms, borrowers)), status)
    except ValidationError as error:
        error.error_dict = {_said(name): words for name, words in error.error_dict.items()}
        raise


def _said(name: str) -> str:
    return next((theirs for theirs, ours in PRICES.items() if ours == name), name)


def _hours(given: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, Any]:
    found = {}
    for day, ranges in given.items():
        try:
            found[day] = parse(", ".join("-".join(one) for one in ranges))
        except ValidationError as error:
            errors = [field_error("hours", f"{day}: {' '.join(error.messages)}")]
            raise Problem(422, "Some values are not accepted.", errors) from None
    return {day: ranges for day, ranges in found.items() if ranges}


def _borrowers(given: Mapping[str, Any]) -> dict[UUID, dict[str, int | None]]:
    rows = [row | {"org": row["org"].strip().lower()} for row in given.get("borrowers") or []]
    known = offers.orgs_at([row["org"] for row in rows])
    if unknown := [row["org"] for row in rows if row["org"] not in known]:
        words = "there is no organisation at this address that could borrow"
        raise Problem(
            422, "Some values are not accepted.", [field_error("borrowers", f"{unknown[0]}: {words}")]
        )
    return {known[row["org"]].pk: {name: row.get(name) for name in offers.LIMITS} for row in rows}


def _offer(offer: Offer) -> dict[str, Any]:
    said = offers.described(offer)
    for theirs, ours in PRICES.items():
        said[theirs] = str(said.pop(ours))
    station = offer.station
    place = {"printer_id": station.pk, "printer": station.name, "currency": station.owner.currency}
    return {**place, **said, "changed_at": offer.changed_at}


def _guest(one: GuestPrint) -> dict[str, Any]:
    names = (
        "id",
        "printer_id",
        "size",
        "material",
        "outcome",
        "estimate_s",
        "printed_s",
        "began_at",
        "ended_at",
    )
    grams = None if one.grams is None else float(one.grams)
    said = {name: getattr(one, name) for name in names}
    return {**said, "printer": one.printer_name, "borrower": one.borrower_name, "grams": grams}


def _line(one: LedgerLine) -> dict[str, Any]:
    names = ("id", "charge_id", "kind", "job_id", "currency", "seconds", "note", "at")
    said = {name: getattr(one, name) for name in names}
    amounts = {"amount": str(one.amount), "grams": float(one.grams)}
    return {**said, **amounts, "other": one.other_name, "printer": one.printer_name}
