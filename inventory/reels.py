"""What empty reels weigh, by brand: to weigh a spool without unwinding it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.trail import record

from .models import Reel
from .refusing import Refused

# What an organisation begins with, in grams: of the community's SpoolmanDB
# (github.com/Donkie/SpoolmanDB, folder filaments, fields spool_weight and spool_type; read in November 2026).
FIRST = (
    ("3D-Fuel", "1 kg", 225),
    ("Bambu Lab", "1 kg", 250),
    ("Creality", "1 kg", 120),
    ("Creality", "1 kg CR-PETG", 225),
    ("Elegoo", "1 kg cardboard", 160),
    ("eSun", "1 kg", 240),
    ("Fillamentum", "750 g", 230),
    ("Fillamentum", "2.5 kg", 590),
    ("Overture", "1 kg cardboard", 155),
    ("Overture", "1 kg PETG", 231),
    ("Overture", "1 kg TPU cardboard", 174),
    ("Polymaker", "750 g cardboard", 125),
    ("Polymaker", "1 kg cardboard", 140),
    ("Polymaker", "3 kg cardboard", 425),
    ("Polymaker", "5 kg plastic", 819),
    ("Prusament", "1 kg plastic", 193),
    ("Prusament", "800 g plastic", 200),
    ("Sunlu", "1 kg plastic", 130),
    ("Sunlu", "1 kg high speed PETG", 220),
)


def all_reels() -> "QuerySet[Reel]":
    """By brand; an organisation that has none yet gets the first ones, once."""
    if not Reel.objects.exists():
        made = [Reel(brand=brand, name=name, grams=Decimal(grams)) for brand, name, grams in FIRST]
        Reel.objects.bulk_create(made, ignore_conflicts=True)
    return Reel.objects.order_by("brand", "grams")


def add(fields: Mapping[str, Any]) -> Reel:
    """A new one; Refused if the brand has one of this name."""
    all_reels()
    try:
        with transaction.atomic():
            reel = Reel.objects.create(**fields)
            record("reel.add", reel, after=_told(reel))
    except IntegrityError as error:
        words = _("%(brand)s has a reel of this name already.") % {"brand": fields["brand"]}
        raise Refused(words) from error
    return reel


def delete(reel: Reel) -> None:
    """Spools weighed with it keep its weight. The last one stays, or the first ones would come back."""
    with transaction.atomic():
        if not Reel.objects.exclude(pk=reel.pk).exists():
            raise Refused(_("The last reel of the list stays."))
        record("reel.delete", reel, before=_told(reel))
        reel.delete()


def _told(reel: Reel) -> dict[str, Any]:
    return {"brand": reel.brand, "name": reel.name, "grams": reel.grams}
