"""Wishes for filament in forms: which material, colour or spool each filament of a file is to be."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pydantic import TypeAdapter
from pydantic import ValidationError as Unsound

from inventory.models import Spool

from .schemas import FilamentWish

Wish = dict[str, Any]
MOST = 64
LONGEST = 20_000
_WISHES = TypeAdapter(list[FilamentWish])


class WishesField(forms.CharField):
    """Wishes for material and colour, as JSON that goes along unseen; their words stand beside it."""

    widget = forms.HiddenInput

    def prepare_value(self, value: Any) -> Any:
        return orjson.dumps(value).decode() if isinstance(value, list) else value

    def clean(self, value: Any) -> list[Wish]:
        text = super().clean(value)
        if not text:
            return []
        try:
            found = _WISHES.validate_json(text[:LONGEST])
        except Unsound as error:
            raise ValidationError(_("These wishes for filament can't be read.")) from error
        return without_spools(plain(found[:MOST]))


def plain(wishes: Iterable[FilamentWish]) -> list[Wish]:
    """Wishes as jobs keep them."""
    return [one.model_dump(mode="json", exclude_defaults=True) | {"index": one.index} for one in wishes]


def without_spools(wishes: Iterable[Wish]) -> list[Wish]:
    """What is wished of material and colour alone."""
    kept = (
        {name: wish[name] for name in ("index", "material", "color") if wish.get(name, "") != ""}
        for wish in wishes
    )
    return [wish for wish in kept if len(wish) > 1]


def spools_in(data: Mapping[str, Any]) -> dict[int, str]:
    """The spools that fields named spool_<index> choose; what names none of ours is left out."""
    said = {}
    for name, value in data.items():
        index = name.removeprefix("spool_")
        if name.startswith("spool_") and index.isdecimal() and int(index) < MOST and _is_uuid(value):
            said[int(index)] = str(UUID(value))
    ours = {str(pk) for pk in Spool.objects.filter(pk__in=said.values()).values_list("pk", flat=True)}
    return {index: pk for index, pk in said.items() if pk in ours}


def joined(wishes: Iterable[Wish], spools: Mapping[int, str]) -> list[Wish]:
    """`wishes` for material and colour with the chosen `spools`, by the file's filament."""
    found = {wish["index"]: dict(wish) for wish in wishes}
    for index, spool in spools.items():
        found.setdefault(index, {"index": index})["spool_id"] = spool
    return [found[index] for index in sorted(found)]


def in_words(wishes: Iterable[Wish]) -> list[tuple[int, str, str]]:
    """Number from 1, material and colour of each wish."""
    return [(wish["index"] + 1, wish.get("material", ""), wish.get("color", "")) for wish in wishes]


def _is_uuid(text: Any) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True
