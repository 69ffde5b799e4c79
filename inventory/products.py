"""Filaments: the products of which there are spools."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.trail import record

from .models import Filament, Spool
from .news import loaded_changed, stock_changed
from .refusing import Refused

EDITED = (
    "material", "brand", "name", "color", "color_name", "density", "diameter_mm", "price_per_kg",
    "nozzle_c", "bed_c", "low_g", "reorder_url",
)  # fmt: skip


def add_filament(fields: Mapping[str, Any]) -> Filament:
    with transaction.atomic():
        filament = Filament.objects.create(**fields)
        filament.refresh_from_db()
        record("filament.add", filament, after=_told(filament))
    return filament


def edit_filament(filament: Filament, fields: Mapping[str, Any]) -> Filament:
    """Change some of EDITED; every spool of it then is of the changed filament."""
    with transaction.atomic():
        locked = Filament.objects.select_for_update(no_key=True).get(pk=filament.pk)
        before = _told(locked)
        for name, value in fields.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(fields))
        after = _told(locked)
        if before != after:
            record("filament.edit", locked, before=before, after=after)
            stock_changed()
            loaded = Spool.objects.filter(filament=locked, slot__isnull=False)
            loaded_changed(loaded.values_list("slot__printer", flat=True))
    return locked


def delete_filament(filament: Filament) -> None:
    """Refused while there are spools of it, archived ones too: their ledgers name it."""
    with transaction.atomic():
        locked = Filament.objects.select_for_update().get(pk=filament.pk)
        if locked.spools.exists():
            raise Refused(_("There are spools of %(filament)s.") % {"filament": locked})
        record("filament.delete", locked, before=_told(locked))
        locked.delete()


def _told(filament: Filament) -> dict[str, Any]:
    return {name: getattr(filament, name) for name in EDITED}
