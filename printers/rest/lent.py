"""Printers that others lend to the organisation, as api.md has printers: without what is their owner's."""

from typing import Any
from uuid import UUID

from jobs.lending.showing import LentPrinter, printers_for
from orgs.requests import OrgRequest
from printers.schemas import PrinterQuery
from printers.states import order_of


def lent_matching(request: OrgRequest, query: PrinterQuery) -> list[dict[str, Any]]:
    """Those that a list of printers asks for; they have neither tags nor a place, and come after our own."""
    if query.tag is not None or query.location:
        return []
    words = query.search.lower().split()
    found = [one for one in printers_for(request.membership) if _matches(one, query, words)]
    if query.ordering.removeprefix("-") == "state":
        found.sort(key=lambda one: order_of(one.state), reverse=query.ordering.startswith("-"))
    return [as_dict(one) for one in found]


def lent_one(request: OrgRequest, pk: UUID) -> dict[str, Any] | None:
    found = printers_for(request.membership, [pk])
    return as_dict(found[0]) if found else None


def _matches(one: LentPrinter, query: PrinterQuery, words: list[str]) -> bool:
    text = f"{one.name} {one.machine.model} {one.owner}".lower()
    return (
        all(word in text for word in words)
        and query.state in (None, one.state)
        and (query.model is None or query.model.lower() == one.machine.model.lower())
        and (query.protocol is None or query.protocol.lower() == one.built.protocol)
        and query.enabled is not False
    )


def as_dict(one: LentPrinter) -> dict[str, Any]:
    machine, terms = one.machine, one.lent.terms
    return {
        "id": one.pk,
        "name": one.name,
        "protocol": one.built.protocol,
        "model": machine.model,
        "state": one.state.value,
        "plate": one.plate,
        "plate_epoch": None,
        "enabled": True,
        "out_of_service_reason": "",
        "tags": [],
        "location": "",
        "bed_mm": machine.bed_mm,
        "nozzle_mm": machine.nozzle_mm,
        "bed_form": one.built.bed_form,
        "bed_tolerance_mm": one.built.bed_tolerance_mm,
        "hardened_nozzle": machine.hardened,
        "ejects": machine.ejects,
        "held_after_failures": machine.held_after,
        "maintenance": None,
        "auto_queue": machine.auto_queue,
        "rate_per_hour": str(terms.per_hour),
        "currency": terms.currency,
        "notes": "",
        "created_at": None,
        "live": _live(one),
        "slots": [
            {
                "index": slot.index,
                "material": slot.material,
                "color": slot.color,
                "spool_id": None,
                "grams_left": slot.grams_left,
            }
            for slot in machine.slots
        ],
        "job_id": one.ours.job_id if one.ours else None,
        "lent_to": None,
        "owner": one.owner,
        "lent": {
            "price_per_hour": str(terms.per_hour),
            "price_per_gram": str(terms.per_gram),
            "currency": terms.currency,
            "hours": {day: [list(span) for span in spans] for day, spans in terms.hours},
            "time_zone": terms.zone,
            "materials": list(terms.materials),
            "most_grams": terms.most_grams,
            "prints_per_week": terms.prints_per_week,
            "hours_per_week": terms.hours_per_week,
            "owner_first": terms.owner_first,
            "not_now_because": one.closed or None,
        },
    }


def _live(one: LentPrinter) -> dict[str, Any] | None:
    """Neither file nor faults: they may be of another's print."""
    status = one.status
    if status is None:
        return None
    return {
        "progress": one.progress,
        "remaining_s": status.remaining_s if one.is_running else None,
        "nozzle_c": status.nozzles[0].now_c if status.nozzles else None,
        "bed_c": status.bed.now_c if status.bed else None,
        "chamber_c": status.chamber.now_c if status.chamber else None,
        "adjusted": {},
        "file": "",
        "layer": status.layer if one.ours else None,
        "layers": status.layers if one.ours else None,
        "errors": list(one.machine.faults),
        "updated_at": one.updated_at,
    }
