"""What the demo's shelf was dried and tagged for: some spools are due, some are dry."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from inventory import tagging
from inventory.drying import sessions
from inventory.models import Spool, SpoolTag
from printers.hues import Hue

# By material: days since it was opened, since each drying, and its tags.
SHELF: Sequence[tuple[str, int, tuple[int, ...], tuple[str, ...]]] = (
    ("TPU", 40, (36, 18), ("food safe",)),
    ("PETG", 60, (45, 6), ("customers",)),
    ("ABS", 20, (), ("teaching",)),
    ("PLA-CF", 30, (), ("customers", "fast")),
)
HUES = {"food safe": Hue.MOSS, "customers": Hue.INDIGO, "teaching": Hue.SKY, "fast": Hue.RUST}
SESSION = {"temperature_c": 65, "hours": Decimal(8), "humidity_before": 46, "humidity_after": 19}
DEVICE = "Sunlu S4"


def add_dryings(by: User | None) -> None:
    """Sessions and tags of what lies on the shelf."""
    now = timezone.now()
    SpoolTag.objects.bulk_create([SpoolTag(name=name, hue=hue) for name, hue in HUES.items()])
    shelf = Spool.objects.filter(slot=None, archived_at=None).select_related("filament")
    for material, opened, dryings, tags in SHELF:
        for spool in shelf.filter(filament__material=material).order_by("number")[:1]:
            Spool.objects.filter(pk=spool.pk).update(opened_at=now - timedelta(days=opened))
            tagging.set_tags(spool, tags)
            for days in dryings:
                sessions.add([spool], {**SESSION, "at": now - timedelta(days=days), "device": DEVICE}, by)
