"""How far a print came, and what it used by then."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from inventory.models import Usage
from models3d.spending import at
from printers import telemetry
from printers.drivers.driver import Status
from stations.models import Dispatch

from .costing import CENT
from .models import Print

# What a printer says it fed is believed between these shares of what the file asks for: flow and purging
# change it, but a counter that was reset or runs on over several prints is none.
LEAST, MOST = Decimal("0.5"), Decimal(2)
# Beyond this progress a printer that has fed nothing has forgotten what it fed.
BEGUN = 0.02


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a print was seen to be; `progress` is 0 to 1, `used_mm` what all nozzles fed together."""

    progress: float | None = None
    layer: int | None = None
    layers: int | None = None
    used_mm: float | None = None

    def furthest(self, other: "Reached") -> "Reached":
        """The greater of each: after a cancel many printers report 0, and what was seen before is nearer."""
        pairs = zip(_values(self), _values(other), strict=True)
        return Reached(*(max((one for one in pair if one is not None), default=None) for pair in pairs))


def note(dispatch: Dispatch, status: Status) -> None:
    """Keep with the copy how far `status`, the last one while it printed, says that it is."""
    now = Reached(status.progress, status.layer, status.layers, status.filament_used_mm)
    kept = Print.objects.filter(pk=dispatch.print_id).values_list("reached", flat=True).first() or {}
    furthest = Reached(**kept).furthest(now)
    told = {name: value for name, value in asdict(furthest).items() if value is not None}
    Print.objects.filter(pk=dispatch.print_id).update(reached=told)


def recalled(one: Print, status: Status | None, *, completed: bool) -> Reached:
    """How far `one` came, by its last `status` and by all that was noted while it ran."""
    known = Reached(**one.reached).furthest(Reached(one.progress))
    if status is not None:
        # Not its layer: at rest that may still be the one of the print before.
        known = known.furthest(Reached(status.progress, used_mm=status.filament_used_mm))
    if completed or not one.printer_id or not one.started_at:
        return known
    # Where the server was away, or the printer says nothing on its way to rest, the minutes before do.
    return known.furthest(Reached(telemetry.most_progress(one.printer_id, one.started_at)))


def share_of(reached: Reached, spent: Sequence[float], layers: int | None) -> float:
    """The share of its filament that a print has used which `reached` so far; `spent` is `Plate.spent`.

    By the layer, where the file's layers are known: a tall thin part has used most of it at half its time.
    """
    layers = reached.layers or layers
    layer = min(1.0, (reached.layer - 0.5) / layers) if reached.layer and layers else None
    if layer is not None and spent:
        return at(spent, layer)
    return min(1.0, max(0.0, reached.progress or layer or 0.0))


def used_of(
    wholes: Sequence[tuple[Decimal, Decimal]], reached: Reached, share: float, *, completed: bool
) -> list[tuple[Decimal, Usage.Kind]]:
    """Grams of each of a plate's filaments, and how they are known; `wholes` are (grams, mm) by the file.

    What the printer fed is told for all nozzles together. Of a whole plate each has its part in it; of one
    that was cut off it can't be told which had, so that several are an estimate.
    """
    fed = _fed(sum((mm for _grams, mm in wholes), Decimal(0)), reached, completed=completed)
    if fed is not None:
        kind = Usage.Kind.MEASURED if completed or len(wholes) == 1 else Usage.Kind.ESTIMATED
        return [((grams * fed).quantize(CENT), kind) for grams, _mm in wholes]
    if completed:
        return [(grams.quantize(CENT), Usage.Kind.SLICED) for grams, _mm in wholes]
    return [((grams * Decimal(str(share))).quantize(CENT), Usage.Kind.ESTIMATED) for grams, _mm in wholes]


def _fed(whole_mm: Decimal, reached: Reached, *, completed: bool) -> Decimal | None:
    """What the printer fed as a share of `whole_mm`; None where it does not tell, or nothing to believe."""
    if reached.used_mm is None or not whole_mm:
        return None
    fed = Decimal(str(reached.used_mm)) / whole_mm
    if not fed and not completed:
        return fed if (reached.progress or 0.0) <= BEGUN else None
    return fed if (LEAST if completed else 0) <= fed <= MOST else None


def _values(reached: Reached) -> Sequence[Any]:
    return tuple(asdict(reached).values())


def length_of(use: Mapping[str, Any], grams: Decimal, g_per_mm: Decimal) -> Decimal:
    """Millimetres of a use of a plate: by the file, else what its grams are long."""
    return Decimal(str(use.get("length_mm") or 0)) or grams / g_per_mm
