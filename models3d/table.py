"""The list of models: its columns, filters and what a row needs."""

from collections.abc import Iterable

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ui.tables import Column, Filter, Table

from .facts import KINDS
from .models import Model3D, Plate, Revision
from .tagging import used_tags


def listed() -> "QuerySet[Model3D]":
    """Models with what their card shows: `print_s` and `grams` of the first plate, picture, tags, person."""
    first = Plate.objects.filter(revision=OuterRef("current"), number=1)
    plates = Prefetch("current__plates", Plate.objects.filter(number=1), to_attr="first_plates")
    return (
        Model3D.objects.filter(deleted_at=None)
        .select_related("current__stored", "by")
        .prefetch_related("tags", plates)
        .annotate(print_s=Subquery(first.values("print_s")), grams=Subquery(first.values("grams")))
    )


def tag_choices() -> Iterable[tuple[str, str | Promise]]:
    return [(name, name) for name in used_tags().values_list("name", flat=True)]


class ModelTable(Table[Model3D]):
    id = "models"
    columns = (
        Column("name", _("Model"), sort="name"),
        Column("filament", _("Filament")),
        Column("grams", _("Mass"), sort="grams", kind="number"),
        Column("time", _("Print time"), sort="print_s", kind="number"),
        Column("printer", _("Sliced for"), kind="extra"),
        Column("tags", _("Tags"), kind="extra"),
        Column("added", _("Added"), sort="created_at", kind="extra"),
    )
    filters = (
        Filter("tag", _("Tag"), tag_choices, "tags__name", is_many=True),
        Filter("status", _("File"), Revision.Status.choices, "current__status"),
        Filter("kind", _("Kind"), list(KINDS.items()), "current__kind"),
    )
    search = ("name", "current__original_name")
    order = ("-created_at",)
    size = 50
