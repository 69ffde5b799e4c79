"""The log of sessions: its columns and filters."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import Drying, Filament
from ui.tables import Column, Filter, Table

from .sessions import used_devices


def listed() -> "QuerySet[Drying]":
    """Sessions with what their row shows."""
    return Drying.objects.select_related("spool__filament", "by")


def _materials() -> Iterable[tuple[str, str]]:
    names = Filament.objects.order_by("material").values_list("material", flat=True).distinct()
    return [(name, name) for name in names]


def _devices() -> Iterable[tuple[str, str]]:
    return [(name, name) for name in used_devices()]


class DryingTable(Table[Drying]):
    id = "dryings"
    columns = (
        Column("spool", _("Spool"), sort="spool__number"),
        Column("at", _("Ended"), sort="at"),
        Column("temperature", _("Temperature"), sort="temperature_c", kind="number"),
        Column("hours", _("Hours"), sort="hours", kind="number"),
        Column("humidity", _("Humidity"), sort="humidity_after", kind="number extra"),
        Column("device", _("Device"), sort="device", kind="extra"),
    )
    filters = (
        Filter("material", _("Material"), _materials, "spool__filament__material"),
        Filter("device", _("Device"), _devices, "device"),
    )
    search = (
        "spool__number", "spool__filament__material", "spool__filament__brand", "spool__filament__color_name",
        "device", "note", "by__name",
    )  # fmt: skip
    order = ("-at",)
