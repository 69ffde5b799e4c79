"""Templates to begin with. The figures are examples that suit many machines: the maker knows better."""

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .due import Interval


@dataclass(frozen=True, slots=True)
class Example:
    """A plan as tasks and templates have it."""

    name: str | Promise
    instructions: str | Promise
    every_hours: int | None = None
    every_days: int | None = None
    warn_percent: int = 90
    warn_days: int = 3
    holds: bool = False

    @property
    def interval(self) -> Interval:
        return Interval(self.every_hours, self.every_days, self.warn_percent, self.warn_days)

    def plan(self) -> dict[str, Any]:
        return asdict(self) | {"name": str(self.name), "instructions": str(self.instructions)}


EXAMPLES = {
    "plate": Example(
        _("Wash the plate"),
        _("With warm water and dish soap, then dry it. Don't touch the surface afterwards."),
        every_hours=50,
    ),
    "rods": Example(
        _("Clean and lubricate rods or rails"),
        _("Wipe off the old grease, put on a thin new film, move each axis over its whole way."),
        every_hours=300,
    ),
    "belts": Example(
        _("Check belts and pulleys"),
        _("Look for wear, tension both sides alike, tighten grub screws."),
        every_hours=500,
        every_days=180,
    ),
    "nozzle": Example(
        _("Look at the nozzle"),
        _("Change it if it is worn or clogged, and note that on the printer's page: its hours begin anew."),
        every_hours=400,
    ),
    "fans": Example(
        _("Clean fans and vents"),
        _("Switched off. Blow out dust, hold the blades still."),
        every_days=90,
    ),
    "wiring": Example(
        _("Check wiring and connectors"),
        _("Switched off and unplugged. Look for chafed cables and loose or browned connectors."),
        every_days=365,
        warn_days=14,
        holds=True,
    ),
}
