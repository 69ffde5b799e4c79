"""Templates to begin with. The figures are examples that suit many machines: the maker knows better."""

from django.utils.translation import gettext_lazy as _

from .models import TaskTemplate

EXAMPLES = {
    "clean-plate": TaskTemplate(
        name=_("Wash the plate"),
        instructions=_("With warm water and dish soap, then dry it. Don't touch the surface afterwards."),
        every_hours=50,
    ),
    "rods": TaskTemplate(
        name=_("Clean and lubricate rods or rails"),
        instructions=_("Wipe off the old grease, put on a thin new film, move each axis over its whole way."),
        every_hours=300,
    ),
    "belts": TaskTemplate(
        name=_("Check belts and pulleys"),
        instructions=_("Look for wear, tension both sides alike, tighten grub screws."),
        every_hours=500,
        every_days=180,
    ),
    "nozzle": TaskTemplate(
        name=_("Look at the nozzle"),
        instructions=_(
            "Worn or clogged ones are changed: note it as another nozzle, so that its hours begin anew."
        ),
        every_hours=400,
    ),
    "fans": TaskTemplate(
        name=_("Clean fans and vents"),
        instructions=_("Switched off. Blow out dust, hold the blades still."),
        every_days=90,
    ),
    "wiring": TaskTemplate(
        name=_("Check wiring and connectors"),
        instructions=_("Switched off and unplugged. Look for chafed cables and loose or browned connectors."),
        every_days=365,
        warn_days=14,
        holds=True,
    ),
}
