"""The columns of a table of spools, in and out. A new one is a line here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.models import Filament, Spool

from . import cells


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """`name` heads it in our files; whoever else's files have other names for it, in `aliases`.

    Its values are those of the field `field` of `model`. With `read` it is read otherwise; `show` tells what
    is written for a spool. `filament` and `spool` below say which columns are set on what; one that
    `tells_apart` is a part of what makes a filament another one.
    """

    name: str
    label: str | Promise
    model: type[models.Model]
    field: str = ""
    aliases: tuple[str, ...] = ()
    read: Callable[[str, str], Any] | None = None
    show: Callable[[Spool], Any] | None = None
    tells_apart: bool = False
    clears: bool = False

    @property
    def attribute(self) -> str:
        return self.field or self.name

    @property
    def of_model(self) -> "models.Field[Any, Any]":
        return cast("models.Field[Any, Any]", self.model._meta.get_field(self.attribute))

    def value(self, text: str, mark: str) -> Any:
        """What a cell means; None for an empty one that says nothing. Raises CellError."""
        if not text and not self.clears:
            return None
        return self.read(text, mark) if self.read else cells.value_of(text, self.of_model, mark)

    def cell(self, spool: Spool) -> Any:
        if self.show is not None:
            return self.show(spool)
        return getattr(spool.filament if self.model is Filament else spool, self.attribute)


def _left(text: str, mark: str) -> Decimal:
    left: Decimal = cells.value_of(text, Spool._meta.get_field("used_g"), mark)
    if left < 0:
        raise cells.CellError(_("A spool can't have less than 0 g left."))
    return left


def _opened(spool: Spool) -> str:
    # To the last digit, or it would come back as another moment.
    return timezone.localtime(spool.opened_at).isoformat() if spool.opened_at else ""


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


# Those that say which spool a line is about.
NUMBER, EXTERNAL_ID, LEFT, ARCHIVED = "number", "external_id", "left_g", "archived"
COLUMNS = (
    Column(NUMBER, _("Number"), Spool, aliases=("spool", "no", "nr"), read=cells.whole),
    Column("material", _("Material"), Filament, aliases=("type",), tells_apart=True),
    Column("brand", _("Brand"), Filament, aliases=("vendor", "manufacturer", "maker"), tells_apart=True),
    Column("name", _("Product"), Filament, aliases=("filament",), tells_apart=True),
    Column("color", _("Colour"), Filament, aliases=("color_hex", "hex"), tells_apart=True,
           read=lambda text, _mark: cells.color(text)),
    Column("color_name", _("Colour's name"), Filament, tells_apart=True),
    Column("density", _("Density in g/cm³"), Filament),
    Column("diameter_mm", _("Diameter in mm"), Filament, aliases=("diameter",), tells_apart=True),
    Column("price_per_kg", _("Price per kg"), Filament),
    Column("nozzle_c", _("Nozzle in °C"), Filament),
    Column("bed_c", _("Bed in °C"), Filament),
    Column("low_g", _("Low below grams"), Filament),
    Column("initial_g", _("Grams when new"), Spool, aliases=("initial", "weight", "initial_weight")),
    Column(LEFT, _("Grams left"), Spool, field="used_g", aliases=("left", "remaining", "remaining_weight"),
           read=_left, show=lambda spool: spool.left_g),
    Column("cost", _("Cost"), Spool, aliases=("price",)),
    Column("reel_g", _("Grams of the empty reel"), Spool, aliases=("spool_weight",)),
    Column("supplier", _("Supplier"), Spool, clears=True),
    Column("lot", _("Lot"), Spool, aliases=("lot_nr", "batch"), clears=True),
    Column("location", _("Location"), Spool, aliases=("place",), clears=True),
    Column("opened_at", _("Opened"), Spool, aliases=("opened",), show=_opened),
    Column(ARCHIVED, _("Archived"), Spool, field="archived_at",
           read=lambda text, _mark: cells.yes_or_no(text), show=lambda spool: _yes(bool(spool.archived_at))),
    Column("notes", _("Notes"), Spool, aliases=("note", "comment"), clears=True),
    Column(EXTERNAL_ID, _("External id"), Spool),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}
OF_FILAMENT = tuple(column for column in COLUMNS if column.model is Filament)
OF_SPOOL = tuple(
    column for column in COLUMNS if column.model is Spool and column.name not in (NUMBER, LEFT, ARCHIVED)
)
# Written for people to read, and left alone when they come back.
ONLY_OUT = ("loaded_in", "used_g")


def known_as(head: str) -> str:
    """The name of the column that a file heads with `head`, in any case and language we speak; "" if none."""
    plain = _plain(cells.bare(head))
    for column in COLUMNS:
        if plain in {_plain(column.name), _plain(str(column.label)), *map(_plain, column.aliases)}:
            return column.name
    return ""


def is_only_out(head: str) -> bool:
    return _plain(head) in map(_plain, ONLY_OUT)


def _plain(head: str) -> str:
    """ "Colour's name" and "color_name" are the same head."""
    words = re.sub(r"['’]s\b", "", head.casefold())
    return re.sub(r"\W|_", "", words).replace("colour", "color")
