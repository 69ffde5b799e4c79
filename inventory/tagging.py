"""Tags of spools: which spool has which, and the organisation's list of them."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from audit.trail import record
from models3d.naming import clean_text
from printers.hues import Hue

from .models import Spool, SpoolTag
from .refusing import Refused

MOST_TAGS, LONGEST_TAG = 20, 40


def clean_names(given: Iterable[str]) -> list[str]:
    """Each name once, whatever its case, in the order given. ValidationError for what is no tag."""
    names: dict[str, str] = {}
    for name in filter(None, map(clean_text, given)):
        names.setdefault(name.lower(), name)
    if any("," in name for name in names.values()):
        raise ValidationError(_("Leave the comma out: it stands between tags."))
    if any(len(name) > LONGEST_TAG for name in names.values()):
        raise ValidationError(_("A tag has at most %(most)d characters.") % {"most": LONGEST_TAG})
    if len(names) > MOST_TAGS:
        raise ValidationError(_("A spool has at most %(most)d tags.") % {"most": MOST_TAGS})
    return list(names.values())


def set_tags(spool: Spool, names: Iterable[str]) -> None:
    """Give `spool` exactly these tags; the missing ones are made, also when two people make one at once."""
    tags = _tags(clean_names(names))
    with transaction.atomic():
        before = _held(spool)
        spool.tags.set(tags)
        _tell(spool, before)


def add_tag(spool: Spool, name: str) -> bool:
    """Give `spool` one more tag; False if it has it already. ValidationError if it has too many."""
    (tag,) = _tags(clean_names([name]))
    with transaction.atomic():
        before = _held(spool)
        if tag.name in before:
            return False
        if len(before) >= MOST_TAGS:
            raise ValidationError(_("A spool has at most %(most)d tags.") % {"most": MOST_TAGS})
        spool.tags.add(tag)
        _tell(spool, before)
    return True


def remove_tag(spool: Spool, name: str) -> bool:
    """Take a tag off `spool`; False if it has no such tag. The tag itself stays."""
    with transaction.atomic():
        before = _held(spool)
        tag = spool.tags.filter(name__iexact=name).first()
        if tag is None:
            return False
        spool.tags.remove(tag)
        _tell(spool, before)
    return True


def used_tags() -> list[str]:
    """The names of the tags that some spool has."""
    return list(SpoolTag.objects.filter(spools__isnull=False).distinct().values_list("name", flat=True))


def make(name: str, hue: str) -> SpoolTag:
    """Refused where another has the name."""
    tag = SpoolTag(name=clean_text(name), hue=hue)
    with transaction.atomic():
        _save(tag)
        record("spool_tag.add", tag, after=_values(tag))
    return tag


def change(tag: SpoolTag, name: str, hue: str) -> None:
    """Rename and colour it. Refused where another has the name: two tags never become one by this."""
    before = _values(tag)
    tag.name, tag.hue = clean_text(name), Hue(hue)
    if _values(tag) != before:
        with transaction.atomic():
            _save(tag)
            record("spool_tag.change", tag, before=before, after=_values(tag))


def delete(tag: SpoolTag) -> None:
    """Take it off its spools and delete it."""
    with transaction.atomic():
        spools = list(tag.spools.order_by("number").values_list("number", flat=True))
        record("spool_tag.delete", tag, before=_values(tag) | {"spools": spools})
        tag.delete()


def _save(tag: SpoolTag) -> None:
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError:
        words = _("There is a tag called %(name)s already. Tags are not merged: choose another name.")
        raise Refused(words % {"name": tag.name}) from None


def _tags(names: list[str]) -> list[SpoolTag]:
    SpoolTag.objects.bulk_create([SpoolTag(name=name) for name in names], ignore_conflicts=True)
    same = [Lower(Value(name)) for name in names]
    return list(SpoolTag.objects.annotate(lowered=Lower("name")).filter(lowered__in=same))


def _held(spool: Spool) -> list[str]:
    """Its tags, with its row locked: two who add at once must not add one too many."""
    Spool.objects.select_for_update(no_key=True).get(pk=spool.pk)
    return list(spool.tags.order_by("name").values_list("name", flat=True))


def _tell(spool: Spool, before: list[str]) -> None:
    after = list(spool.tags.order_by("name").values_list("name", flat=True))
    if before != after:
        record("spool.tags", spool, before={"tags": before}, after={"tags": after})


def _values(tag: SpoolTag) -> dict[str, str]:
    return {"name": tag.name, "hue": str(tag.hue)}
