"""What a print leaves behind: filament off the spools, its cost, its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from inventory.consumption import CENTIGRAM, consume
from inventory.models import Spool
from models3d.models import Plate
from printers.models import Printer

from . import facts
from .costing import Cost, cost_of, share_used
from .models import Print


@dataclass(frozen=True, slots=True)
class Settled:
    grams: Decimal
    cost: Cost


def settle(
    one: Print,
    dispatch_id: UUID,
    printer: Printer | None,
    printed_s: int,
    progress: float | None,
    *,
    completed: bool,
) -> Settled:
    """Take the print's filament off its spools, once for each dispatch and extruder, and work out its cost.

    `one.spools` says which spool served which of the file's filaments: [{"index", "spool_id"}]. Filament from
    no spool of ours is counted in grams and costs nothing.
    """
    plate = Plate.objects.filter(revision=one.job.revision_id, number=one.job.plate).first()
    by_index = {entry["index"]: entry["spool_id"] for entry in one.spools if entry.get("spool_id")}
    kept = Spool.objects.filter(pk__in=by_index.values()).select_related("filament")
    spools = {str(spool.pk): spool for spool in kept}
    used: list[tuple[Decimal, Decimal]] = []
    total = Decimal(0)
    for use in facts.used_filaments(plate):
        spool = spools.get(by_index.get(use["index"], ""))
        whole = facts.grams_of(use, spool.filament if spool else None)
        grams = share_used(whole, progress, completed=completed)
        total += grams
        if spool is not None and grams:
            consume(spool, grams, f"{dispatch_id}:{use['index']}", print_id=one.pk)
            used.append((grams, spool.price_per_g))
    rate = printer.rate_per_hour if printer else Decimal(0)
    return Settled(total, cost_of(used, printed_s, rate))


def spools_for(slots: dict[int, Any]) -> list[dict[str, Any]]:
    """`Print.spools` of a loading's slots by the file's filament."""
    return [
        {"index": index, "slot": slot.index, "spool_id": str(slot.spool_id) if slot.spool_id else None}
        for index, slot in sorted(slots.items())
    ]


def grams_of(uses: Sequence[dict[str, Any]]) -> Decimal:
    return sum((facts.grams_of(use) for use in uses), Decimal(0)).quantize(CENTIGRAM)
