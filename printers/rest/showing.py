"""Printers of ours as api.md has them."""

from typing import Any

from orgs.models import Org
from reports.shown import Shown


def as_dict(one: Shown, org: Org) -> dict[str, Any]:
    """A printer as api.md has it."""
    row = one.row
    return {
        "id": one.pk,
        "name": one.name,
        "protocol": one.protocol,
        "model": one.model,
        "state": one.state.value,
        "plate": one.plate,
        "plate_epoch": one.plate_epoch,
        "enabled": one.enabled,
        "out_of_service_reason": one.out_of_service_reason,
        "tags": one.tags,
        "location": one.location,
        "bed_mm": row.bed_mm,
        "nozzle_mm": row.nozzle_mm,
        "bed_form": row.bed_form,
        "bed_tolerance_mm": row.bed_tolerance_mm,
        "hardened_nozzle": row.hardened_nozzle,
        "ejects": row.ejects,
        "held_after_failures": one.held_after,
        "maintenance": one.care or None,
        "auto_queue": row.auto_queue,
        "rate_per_hour": str(row.rate_per_hour),
        "currency": org.currency,
        "notes": row.notes,
        "created_at": row.created_at,
        "live": _live(one),
        "slots": [
            {
                "index": slot.index,
                "material": slot.material,
                "color": slot.color,
                "spool_id": slot.spool_id,
                "grams_left": None if slot.left_g is None else float(slot.left_g),
            }
            for slot in one.slots
        ],
        "job_id": one.work.pk if one.work else None,
        "lent_to": one.guest.org if one.guest else None,
        "owner": org.name,
        "lent": None,
    }


def _live(one: Shown) -> dict[str, Any] | None:
    """Null where nothing fresh is known."""
    if not one.is_fresh:
        return None
    return {
        "progress": one.progress,
        "remaining_s": one.remaining_s,
        "nozzle_c": one.nozzle.now_c if one.nozzle else None,
        "bed_c": one.bed.now_c if one.bed else None,
        "chamber_c": one.chamber.now_c if one.chamber else None,
        "adjusted": dict(one.adjusted),
        "file": one.file,
        "layer": one.layer,
        "layers": one.layers,
        "errors": [fault.text or fault.code for fault in one.faults],
        "updated_at": one.updated_at,
    }
