"""The lists of spools and of filaments: their columns and filters."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from django.db.models import Case, Count, IntegerField, Q, QuerySet, When
from django.utils.translation import gettext_lazy as _

from printers.models import Slot
from ui.tables import Column, Filter, Table

from . import rfid
from .drying.reckoning import needs_drying
from .models import Filament, Location, Spool
from .stock import RUNS_LOW, STANDS, with_left, with_stock
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
    return list(Location.objects.values_list("name", flat=True))


def brands() -> list[str]:
    return list(_values(Filament.objects.exclude(brand=""), "brand"))


def materials() -> list[str]:
    return list(_values(Filament.objects.all(), "material"))


def _values(rows: "QuerySet[Filament]", field: str) -> Iterable[str]:
    return rows.order_by(field).values_list(field, flat=True).distinct()


def _choices(values: Callable[[], list[str]]) -> Callable[[], Choices]:
    return lambda: [(value, value) for value in values()]


class SpoolTable(Table[Spool]):
    id = "spools"
    columns: ClassVar[Sequence[Column]] = (
        Column("spool", _("Spool"), sort="number"),
        Column("left", _("Left"), sort="grams_left", kind="number"),
        Column("where", _("Where"), sort=("slot__printer__name", "slot__index", "location")),
        Column("material", _("Material"), sort=("filament__material", "filament__brand"), kind="extra"),
        Column("cost", _("Cost"), sort="cost", kind="number extra"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter("state", _("State"), STAND_WORDS, lambda value: STANDS[value]),
        Filter("material", _("Material"), _choices(materials), "filament__material"),
        Filter("brand", _("Brand"), _choices(brands), "filament__brand"),
        Filter("location", _("Location"), _choices(locations), "location"),
        Filter("tag", _("Tag"), _choices(used_tags), "tags__name", is_many=True),
        Filter("drying", _("Drying"), [("due", _("needs drying"))], lambda _due: needs_drying()),
        Filter("source", _("Known by"), Spool.Source.choices, "left_source"),
    )
    search = (
        "number", "filament__material", "filament__brand", "filament__name", "filament__color_name", "lot",
        "supplier", "location", "slot__printer__name",
    )  # fmt: skip
    order: ClassVar[Sequence[str]] = ("-number",)


class LoadTable(SpoolTable):
    """Spools to choose from for a slot, the likely ones first."""

    columns = SpoolTable.columns[:3]
    filters = SpoolTable.filters[1:4]
    order = ("rank", "-number")
    size = 25


def candidates(slot: Slot) -> "QuerySet[Spool]":
    """Spools that may go into `slot`, likely ones first: by its tag, what is in it, what is told of it."""
    tagged = When(Q(tag_uid=rfid.tag_of(slot.tag)) & ~Q(tag_uid=""), then=0)
    free, told = Q(slot=None), Q(filament__material__iexact=slot.material)
    same = told & Q(filament__color__iexact=slot.color)
    rank = Case(
        tagged, When(slot=slot, then=1), When(free & same, then=2), When(free & told, then=3),
        When(free, then=4), default=5,
        output_field=IntegerField(),
    )  # fmt: skip
    return listed(with_archived=False).annotate(rank=rank)


class FilamentTable(Table[Filament]):
    id = "filaments"
    columns = (
        Column("filament", _("Filament"), sort=("brand", "name", "material")),
        Column("material", _("Material"), sort="material"),
        Column("spools", _("Spools"), sort="kept", kind="number"),
        Column("left", _("Left"), sort="left_g", kind="number"),
        Column("lasts", _("Lasts"), kind="number"),
        Column("price", _("Price per kg"), sort="price_per_kg", kind="number extra"),
    )
    filters = (
        Filter("stock", _("Stock"), [("low", _("runs low"))], lambda _value: RUNS_LOW),
        Filter("material", _("Material"), _choices(materials), "material"),
        Filter("brand", _("Brand"), _choices(brands), "brand"),
    )
    search = ("material", "brand", "name", "color_name")
    order = ("material", "brand", "color_name")


class LocationTable(Table[Location]):
    id = "locations"
    columns = (
        Column("name", _("Location"), sort="name"),
        Column("spools", _("Spools"), sort="spools", kind="number"),
        Column("humidity", _("Humidity"), sort="humidity_percent", kind="number"),
    )
    filters = (Filter("kind", _("Kind"), [("dry", _("dry boxes"))], lambda _value: Q(is_dry_box=True)),)
    search = ("name",)
    order = ("name",)


def listed_filaments() -> "QuerySet[Filament]":
    """Filaments with what their row shows."""
    return with_stock(Filament.objects.all())


def counts() -> dict[str, int]:
    """How many spools are loaded, free, low, archived and in need of drying, in one query over them."""
    stands = {**STANDS, "due": needs_drying()}
    return Spool.objects.aggregate(**{name: Count("pk", filter=stand) for name, stand in stands.items()})
