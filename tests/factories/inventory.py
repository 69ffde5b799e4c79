"""Filaments and spools as tests need them."""

from typing import Any

from inventory.locations import named
from inventory.models import Filament, Spool


def make_filament(material: str = "PLA", **fields: Any) -> Filament:
    return Filament.objects.create(
        material=material, **{"color": "#FF8000", "color_name": "orange", **fields}
    )


def make_spool(filament: Filament | None = None, **fields: Any) -> Spool:
    """A new spool of 1 kg at 20.00, on the shelf."""
    if location := fields.get("location"):
        fields["location"] = named(location)
    spool = Spool.objects.create(
        filament=filament or make_filament(), **{"initial_g": 1000, "cost": 20, **fields}
    )
    spool.refresh_from_db()
    return spool
