"""What a print leaves behind: filament off the spools, and what it is charged."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from inventory.consumption import CENTIGRAM, consume
from inventory.filament import mass_of
from inventory.models import Filament, Spool
from inventory.news import stock_changed
from models3d.models import Plate

from . import facts
from .lending.guests import Use
from .models import Print
from .reaching import Reached, length_of, share_of, used_of


@dataclass(frozen=True, slots=True)
class Settled:
    """`served` are (grams, price per gram) of each spool of ours, `uses` what each filament took."""

    grams: Decimal
    served: Sequence[tuple[Decimal, Decimal]]
    uses: tuple[Use, ...] = ()


def settle(one: Print, dispatch_id: UUID, reached: Reached, *, completed: bool) -> Settled:
    """Take the print's filament off its spools, once for each dispatch and extruder.

    `one.spools` says which spool served which of the file's filaments: [{"index", "spool_id"}]. Filament from
    no spool of ours is counted in grams and costs nothing.
    """
    plate = Plate.objects.filter(revision=one.job.revision_id, number=one.job.plate).first()
    uses = facts.used_filaments(plate)
    spools = _spools_of(one)
    kinds = [spool.filament if (spool := spools.get(use["index"])) else None for use in uses]
    wholes = [_whole(use, kind) for use, kind in zip(uses, kinds, strict=True)]
    share = share_of(reached, plate.spent if plate else [], plate.layers if plate else None)
    served: list[tuple[Decimal, Decimal]] = []
    took: list[Use] = []
    for use, (grams, kind) in zip(uses, used_of(wholes, reached, share, completed=completed), strict=True):
        index = use["index"]
        took.append(Use(index, grams, kind))
        if (spool := spools.get(index)) and grams:
            reference = f"{dispatch_id}:{index}"
            consume(spool, grams, reference, kind=kind, extruder=index, print_id=one.pk)
            served.append((grams, spool.price_per_g))
    if served:
        stock_changed()
    return Settled(sum((one.grams for one in took), Decimal(0)), served, tuple(took))


def _spools_of(one: Print) -> dict[int, Spool]:
    """The spool that served each of the file's filaments, as far as there is one of ours."""
    ids = {entry["index"]: entry["spool_id"] for entry in one.spools if entry.get("spool_id")}
    kept = Spool.objects.filter(pk__in=ids.values()).select_related("filament")
    spools = {str(spool.pk): spool for spool in kept}
    return {index: spools[pk] for index, pk in ids.items() if pk in spools}


def _whole(use: dict[str, Any], filament: Filament | None) -> tuple[Decimal, Decimal]:
    """Grams and mm of a use of the plate, if it is printed to its end."""
    grams = facts.grams_of(use, filament)
    one_mm = mass_of(Decimal(1), filament.diameter_mm, filament.density) if filament else mass_of(Decimal(1))
    return grams, length_of(use, grams, one_mm)


def spools_for(slots: dict[int, Any]) -> list[dict[str, Any]]:
    """`Print.spools` of a loading's slots by the file's filament."""
    return [
        {"index": index, "slot": slot.index, "spool_id": str(slot.spool_id) if slot.spool_id else None}
        for index, slot in sorted(slots.items())
    ]


def grams_of(uses: Sequence[dict[str, Any]]) -> Decimal:
    return sum((facts.grams_of(use) for use in uses), Decimal(0)).quantize(CENTIGRAM)
