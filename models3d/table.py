"""The list of models: its columns, filters and what a row needs."""

from collections.abc import Iterable

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.functions import RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ui.tables import Column, Filter, Table

from .facts import KINDS
from .models import Collection, Favourite, Model3D, Plate, Revision
from .tagging import used_tags

SHELVES: dict[str, Q] = {
    Model3D.Shelf.LIBRARY: Q(deleted_at=None, archived_at=None),
    Model3D.Shelf.ARCHIVE: Q(deleted_at=None, archived_at__isnull=False),
    Model3D.Shelf.TRASH: Q(deleted_at__isnull=False),
}
NO_COLLECTION = "none"


def listed(user: User) -> "QuerySet[Model3D]":
    """Models of all shelves with what their card shows to `user`: picture, first plate, tags, star."""
    first = Plate.objects.filter(revision=OuterRef("current")).order_by("number")
    in_order = Window(RowNumber(), partition_by=F("revision"), order_by=F("number").asc())
    plates = Prefetch(
        "current__plates", Plate.objects.annotate(place=in_order).filter(place=1), to_attr="first_plates"
    )
    return (
        Model3D.objects.select_related("current__stored", "by", "collection")
        .prefetch_related("tags", plates)
        .annotate(
            print_s=Subquery(first.values("print_s")[:1]),
            grams=Subquery(first.values("grams")[:1]),
            is_favourite=Exists(Favourite.objects.filter(model=OuterRef("pk"), user=user.pk)),
            is_own=ExpressionWrapper(Q(by=user.pk), BooleanField()),
        )
    )


def collection_choices() -> Iterable[tuple[str, str | Promise]]:
    named: list[tuple[str, str | Promise]] = [
        (str(pk), name) for pk, name in Collection.objects.values_list("pk", "name")
    ]
    return [*named, (NO_COLLECTION, _("in none"))] if named else []


def _in_collection(value: str) -> Q:
    return Q(collection=None) if value == NO_COLLECTION else Q(collection=value)


def _personal(value: str) -> Q:
    return Q(is_favourite=True) if value == "starred" else Q(is_own=True)


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
        Column("collection", _("Collection"), sort="collection__name", kind="extra"),
        Column("tags", _("Tags"), kind="extra"),
        Column("added", _("Added"), sort="created_at", kind="extra"),
    )
    filters = (
        Filter("mine", _("Mine"), [("starred", _("starred by me")), ("own", _("added by me"))], _personal),
        Filter("collection", _("Collection"), collection_choices, _in_collection),
        Filter("tag", _("Tag"), tag_choices, "tags__name", is_many=True),
        Filter("status", _("File"), Revision.Status.choices, "current__status"),
        Filter("kind", _("Kind"), list(KINDS.items()), "current__kind"),
    )
    search = ("name", "current__original_name", "collection__name", "current__notes")
    order = ("-created_at",)
    size = 50
