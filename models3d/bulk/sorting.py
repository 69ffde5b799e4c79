"""Tagging many models, and moving them into a collection."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Value, Values
from models3d import shelving, tagging
from models3d.models import Collection, Model3D
from models3d.naming import clean_text

from .words import CHANGED, NOT_IN_TRASH, not_in_trash

Shelf = Model3D.Shelf


class TagField(forms.CharField):
    """One tag, as tagging keeps it."""

    default_error_messages: ClassVar[dict[str, Any]] = {"required": gettext_lazy("Name the tag.")}

    def clean(self, value: Any) -> str:
        names = tagging.names_in(super().clean(value))
        if len(names) != 1:
            raise ValidationError(_("Name one tag, without commas."))
        return names[0]


class CollectionField(forms.CharField):
    def clean(self, value: Any) -> str:
        return clean_text(super().clean(value))


def _tag_field() -> forms.Field:
    return TagField(label=_("Tag"), max_length=tagging.LONGEST_TAG)


def _collection_field() -> forms.Field:
    words = _("A new name makes a new collection. Leave it empty to take them out of any.")
    return CollectionField(label=_("Collection"), max_length=60, required=False, help_text=words)


def _collections() -> list[str]:
    return list(Collection.objects.values_list("name", flat=True))


def _used_tags() -> list[str]:
    return list(tagging.used_tags().values_list("name", flat=True))


def _has_tag(model: Model3D, name: str) -> bool:
    return any(tag.name.lower() == name.lower() for tag in model.tags.all())


def _not_tagged(model: Model3D, values: Values | None) -> str:
    if model.shelf == Shelf.TRASH:
        return str(NOT_IN_TRASH)
    if values and _has_tag(model, values["tag"]):
        return _("It has this tag already.")
    if len(model.tags.all()) >= tagging.MOST_TAGS:
        return _("A model has at most %(most)d tags.") % {"most": tagging.MOST_TAGS}
    return ""


def _tag(model: Model3D, values: Values) -> Memory | None:
    return {"tag": values["tag"]} if tagging.add_tag(model, values["tag"]) else None


def _untag_again(model: Model3D, memory: Memory) -> None:
    if not tagging.remove_tag(model, memory["tag"]):
        raise Refused(str(CHANGED))


def _not_untagged(model: Model3D, values: Values | None) -> str:
    if model.shelf == Shelf.TRASH:
        return str(NOT_IN_TRASH)
    if values is None:
        return "" if model.tags.all() else _("It has no tags.")
    return "" if _has_tag(model, values["tag"]) else _("It does not have this tag.")


def _untag(model: Model3D, values: Values) -> Memory | None:
    return {"tag": values["tag"]} if tagging.remove_tag(model, values["tag"]) else None


def _tag_again(model: Model3D, memory: Memory) -> None:
    if not tagging.add_tag(model, memory["tag"]):
        raise Refused(str(CHANGED))


def _not_moved(model: Model3D, values: Values | None) -> str:
    if model.shelf == Shelf.TRASH:
        return str(NOT_IN_TRASH)
    if values is None:
        return ""
    here = model.collection.name if model.collection else ""
    return _("It is there already.") if here.lower() == values["collection"].lower() else ""


def _move(model: Model3D, values: Values) -> Memory | None:
    there = shelving.collection_named(values["collection"])
    before = shelving.move(model, there)
    return {"from": str(before.pk) if before else "", "to": str(there.pk) if there else ""}


def _move_back(model: Model3D, memory: Memory) -> None:
    here = str(model.collection_id) if model.collection_id else ""
    if here != memory["to"]:
        raise Refused(str(CHANGED))
    before = Collection.objects.filter(pk=memory["from"]).first() if memory["from"] else None
    if memory["from"] and before is None:
        raise Refused(_("The collection where it was is gone."))
    shelving.move(model, before)


ADD_TAG = BulkAction(
    label=gettext_lazy("Add tag"),
    ask=gettext_lazy("Add a tag to %(rows)s"),
    done=gettext_lazy("tagged"),
    icon="tag",
    required="model.upload",
    is_for=not_in_trash,
    values={"tag": Value(_tag_field, _used_tags)},
    why_not=_not_tagged,
    run=_tag,
    undo=_untag_again,
)
REMOVE_TAG = BulkAction(
    label=gettext_lazy("Remove tag"),
    ask=gettext_lazy("Remove a tag from %(rows)s"),
    done=gettext_lazy("untagged"),
    icon="tag",
    required="model.upload",
    is_for=not_in_trash,
    values={"tag": Value(_tag_field, _used_tags)},
    why_not=_not_untagged,
    run=_untag,
    undo=_tag_again,
)
MOVE = BulkAction(
    label=gettext_lazy("Move"),
    ask=gettext_lazy("Move %(rows)s"),
    done=gettext_lazy("moved"),
    icon="folder-input",
    required="model.upload",
    is_for=not_in_trash,
    values={"collection": Value(_collection_field, _collections)},
    why_not=_not_moved,
    run=_move,
    undo=_move_back,
)
