"""Tags of many spools."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Value, Values
from inventory import tagging
from inventory.models import Spool

from .shelves import CHANGED


class TagField(forms.CharField):
    """One tag, as tagging keeps it."""

    default_error_messages: ClassVar[dict[str, Any]] = {"required": gettext_lazy("Name the tag.")}

    def clean(self, value: Any) -> str:
        names = tagging.clean_names([super().clean(value)])
        if not names:
            raise ValidationError(self.error_messages["required"])
        return names[0]


def _tag_field() -> forms.Field:
    return TagField(label=_("Tag"), max_length=tagging.LONGEST_TAG)


def _has(spool: Spool, name: str) -> bool:
    return any(tag.name.lower() == name.lower() for tag in spool.tags.all())


def _has_any(spool: Spool) -> bool:
    return bool(spool.tags.all())


def _not_tagged(spool: Spool, values: Values | None) -> str:
    if values and _has(spool, values["tag"]):
        return _("It has this tag already.")
    if len(spool.tags.all()) >= tagging.MOST_TAGS:
        return _("A spool has at most %(most)d tags.") % {"most": tagging.MOST_TAGS}
    return ""


def _not_untagged(spool: Spool, values: Values | None) -> str:
    if values is None:
        return "" if _has_any(spool) else _("It has no tags.")
    return "" if _has(spool, values["tag"]) else _("It does not have this tag.")


def _tag(spool: Spool, values: Values) -> Memory | None:
    return {"tag": values["tag"]} if tagging.add_tag(spool, values["tag"]) else None


def _untag(spool: Spool, values: Values) -> Memory | None:
    return {"tag": values["tag"]} if tagging.remove_tag(spool, values["tag"]) else None


def _untag_again(spool: Spool, memory: Memory) -> None:
    if not tagging.remove_tag(spool, memory["tag"]):
        raise Refused(str(CHANGED))


def _tag_again(spool: Spool, memory: Memory) -> None:
    if not tagging.add_tag(spool, memory["tag"]):
        raise Refused(str(CHANGED))


ADD_TAG = BulkAction(
    label=gettext_lazy("Add tag"),
    ask=gettext_lazy("Add a tag to %(rows)s"),
    consequence=gettext_lazy("A new name makes a new tag."),
    done=gettext_lazy("tagged"),
    icon="tag",
    required="spool.edit",
    values={"tag": Value(_tag_field, tagging.used_tags)},
    why_not=_not_tagged,
    run=_tag,
    undo=_untag_again,
)
REMOVE_TAG = BulkAction(
    label=gettext_lazy("Remove tag"),
    ask=gettext_lazy("Remove a tag from %(rows)s"),
    done=gettext_lazy("untagged"),
    icon="tag",
    required="spool.edit",
    is_for=_has_any,
    values={"tag": Value(_tag_field, tagging.used_tags)},
    why_not=_not_untagged,
    run=_untag,
    undo=_tag_again,
)
