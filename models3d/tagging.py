"""Tags of models: found or made by name, whatever their case."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from audit.trail import record

from .models import Model3D, Tag
from .naming import clean_text

MOST_TAGS, LONGEST_TAG = 20, 40


def names_in(text: str) -> list[str]:
    """Tag names written with commas between them."""
    return clean_names(text.split(","))


def clean_names(given: Iterable[str]) -> list[str]:
    """Each name once, whatever its case, in the order given; ValidationError for too long or too many."""
    names: dict[str, str] = {}
    for name in filter(None, map(clean_text, given)):
        names.setdefault(name.lower(), name)
    if any(len(name) > LONGEST_TAG for name in names.values()):
        raise ValidationError(_("A tag has at most %(most)d characters.") % {"most": LONGEST_TAG})
    if len(names) > MOST_TAGS:
        raise ValidationError(_("A model has at most %(most)d tags.") % {"most": MOST_TAGS})
    return list(names.values())


def set_tags(model: Model3D, names: Iterable[str]) -> None:
    """Give `model` exactly these tags; the missing ones are made, also when two people make one at once."""
    model.tags.set(_tags(list(names)))


def add_tag(model: Model3D, name: str) -> bool:
    """Give `model` one more tag; False if it has it already. ValidationError if it has too many."""
    (tag,) = _tags([name])
    with transaction.atomic():
        if model.tags.filter(pk=tag.pk).exists():
            return False
        if model.tags.count() >= MOST_TAGS:
            raise ValidationError(_("A model has at most %(most)d tags.") % {"most": MOST_TAGS})
        model.tags.add(tag)
        record("model.tag", model, after={"tag": tag.name})
    return True


def remove_tag(model: Model3D, name: str) -> bool:
    """Take a tag off `model`; False if it has no such tag."""
    with transaction.atomic():
        tag = model.tags.filter(name__iexact=name).first()
        if tag is None:
            return False
        model.tags.remove(tag)
        record("model.untag", model, before={"tag": tag.name})
    return True


def _tags(names: list[str]) -> list[Tag]:
    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
    same = [Lower(Value(name)) for name in names]
    return list(Tag.objects.annotate(lowered=Lower("name")).filter(lowered__in=same))


def used_tags() -> "QuerySet[Tag]":
    """Tags that some model has."""
    return Tag.objects.filter(models__deleted_at=None, models__isnull=False).distinct()
