"""The lists of spools and of filaments: their columns and filters."""

from collections.abc import Callable, Iterable

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from ui.tables import Column, Filter, Table

from .drying.reckoning import needs_drying
from .models import Filament, Spool
from .stock import STANDS, with_left
from .tagging import used_tags

STAND_WORDS = [
    ("loaded", _("loaded")), ("free", _("on the shelf")), ("low", _("low")), ("archived", _("archived")),
]  # fmt: skip
Choices = Iterable[tuple[str, str]]


def listed(*, with_archived: bool) -> "QuerySet[Spool]":
    """Spools with what their row shows."""
    spools = Spool.objects.all() if with_archived else Spool.objects.filter(archived_at=None)
    return with_left(spools.select_related("filament", "slot__printer").prefetch_related("tags"))


def locations() -> list[str]:
    return list(_values(Spool.objects.exclude(location=""), "location"))


def brands() -> list[str]:
    return list(_values(Filament.objects.exclude(brand=""), "brand"))


def materials() -> list[str]:
    return list(_values(Filament.objects.all(), "material"))


def _values(rows: "QuerySet[Filament] | QuerySet[Spool]", field: str) -> Iterable[str]:
    return rows.order_by(field).values_list(field, flat=True).distinct()


def _choices(values: Callable[[], list[str]]) -> Callable[[], Choices]:
    return lambda: [(value, value) for value in values()]


class SpoolTable(Table[Spool]):
    id = "spools"
    columns = (
        Column("spool", _("Spool"), sort="number"),
        Column("left", _("Left"), sort="grams_left", kind="number"),
        Column("where", _("Where"), sort=("slot__printer__name", "slot__index", "location")),
        Column("material", _("Material"), sort=("filament__material", "filament__brand"), kind="extra"),
        Column("cost", _("Cost"), sort="cost", kind="number extra"),
    )
    filters = (
        Filter("state", _("State"), STAND_WORDS, lambda value: STANDS[value]),
        Filter("material", _("Material"), _choices(materials), "filament__material"),
        Filter("brand", _("Brand"), _choices(brands), "filament__brand"),
        Filter("location", _("Location"), _choices(locations), "location"),
        Filter("tag", _("Tag"), _choices(used_tags), "tags__name", is_many=True),
        Filter("drying", _("Drying"), [("due", _("needs drying"))], lambda _due: needs_drying()),
    )
    search = (
        "number", "filament__material", "filament__brand", "filament__name", "filament__color_name", "lot",
        "location", "slot__printer__name",
    )  # fmt: skip
    order = ("-number",)


class FilamentTable(Table[Filament]):
    id = "filaments"
    columns = (
        Column("filament", _("Filament"), sort=("brand", "name", "material")),
        Column("material", _("Material"), sort="material"),
        Column("spools", _("Spools"), sort="kept", kind="number"),
        Column("left", _("Left"), sort="left_g", kind="number"),
        Column("price", _("Price per kg"), sort="price_per_kg", kind="number extra"),
    )
    filters = (
        Filter("material", _("Material"), _choices(materials), "material"),
        Filter("brand", _("Brand"), _choices(brands), "brand"),
    )
    search = ("material", "brand", "name", "color_name")
    order = ("material", "brand", "color_name")


def listed_filaments() -> "QuerySet[Filament]":
    """Filaments with `kept`, their unarchived spools, and `left_g`, what is left on them."""
    kept = Q(spools__archived_at=None, spools__pk__isnull=False)
    left = Sum(
        F("spools__initial_g") - F("spools__used_g"),
        filter=kept & Q(spools__used_g__lt=F("spools__initial_g")),
    )
    return Filament.objects.annotate(kept=Count("spools", filter=kept), left_g=left)


def counts() -> dict[str, int]:
    """How many spools are loaded, free, low, archived and in need of drying, in one query over them."""
    stands = {**STANDS, "due": needs_drying()}
    return Spool.objects.aggregate(**{name: Count("pk", filter=stand) for name, stand in stands.items()})
