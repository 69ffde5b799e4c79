"""Tags of many printers."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulk.actions import BulkAction, Memory, Refused, Value, Values
from printers.models import Printer
from printers.tagged import LONGEST_TAG, MOST_TAGS, add_tag, remove_tag, used_tags

from .facts import Row
from .service import CHANGED


class TagField(forms.CharField):
    """One tag, as a printer's form would read it."""

    default_error_messages: ClassVar[dict[str, Any]] = {"required": gettext_lazy("Name the tag.")}

    def clean(self, value: Any) -> str:
        name = str(super().clean(value))
        if "," in name:
            raise ValidationError(_("Name one tag, without commas."))
        return name


def _tag_field() -> forms.Field:
    return TagField(label=_("Tag"), max_length=LONGEST_TAG)


def _has(row: Row, name: str) -> bool:
    return any(tag.lower() == name.lower() for tag in row.facts.tags)


def _has_any(row: Row) -> bool:
    return bool(row.facts.tags)


def _why_not_tagged(row: Row, values: Values | None) -> str:
    if values and _has(row, values["tag"]):
        return _("It has this tag already.")
    if len(row.facts.tags) >= MOST_TAGS:
        return _("A printer has at most %(most)d tags.") % {"most": MOST_TAGS}
    return ""


def _why_not_untagged(row: Row, values: Values | None) -> str:
    if values is None:
        return "" if _has_any(row) else _("It has no tags.")
    return "" if _has(row, values["tag"]) else _("It does not have this tag.")


def _tag(printer: Printer, values: Values) -> Memory | None:
    return {"tag": values["tag"]} if add_tag(printer, values["tag"]) else None


def _untag(printer: Printer, values: Values) -> Memory | None:
    return {"tag": values["tag"]} if remove_tag(printer, values["tag"]) else None


def _untag_again(printer: Printer, memory: Memory) -> None:
    if not remove_tag(printer, memory["tag"]):
        raise Refused(str(CHANGED))


def _tag_again(printer: Printer, memory: Memory) -> None:
    if not add_tag(printer, memory["tag"]):
        raise Refused(str(CHANGED))


ADD_TAG = BulkAction(
    label=gettext_lazy("Add tag"),
    ask=gettext_lazy("Add a tag to %(rows)s"),
    consequence=gettext_lazy("A new name makes a new tag."),
    done=gettext_lazy("tagged"),
    icon="tag",
    required="printer.edit",
    values={"tag": Value(_tag_field, used_tags)},
    why_not=_why_not_tagged,
    run=_tag,
    undo=_untag_again,
)
REMOVE_TAG = BulkAction(
    label=gettext_lazy("Remove tag"),
    ask=gettext_lazy("Remove a tag from %(rows)s"),
    done=gettext_lazy("untagged"),
    icon="tag",
    required="printer.edit",
    is_for=_has_any,
    values={"tag": Value(_tag_field, used_tags)},
    why_not=_why_not_untagged,
    run=_untag,
    undo=_tag_again,
)
