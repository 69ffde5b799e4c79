"""The organisation's tags: making, renaming, colouring and deleting them."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.trail import record
from orgs import agenda
from orgs.current import current_org

from . import live, saved_views
from .models import Printer, Tag


class NameTaken(Exception):
    """Another tag has this name, whatever its case."""


def add(name: str, hue: str) -> Tag:
    """Make a tag. Raises NameTaken."""
    tag = Tag(name=name, hue=hue)
    with transaction.atomic():
        _save(tag)
        record("tag.add", tag, after=_values(tag))
    return tag


def change(tag: Tag, name: str, hue: str) -> None:
    """Rename and colour a tag; saved views go on showing it by its new name. Raises NameTaken.

    Two tags never become one by this: nobody could tell them apart again.
    """
    before = _values(tag)
    old_name = tag.name
    tag.name, tag.hue = name, hue
    if _values(tag) == before:
        return
    with transaction.atomic():
        _save(tag)
        saved_views.follow_rename("tag", old_name, name)
        record("tag.change", tag, before=before, after=_values(tag))
        _tell(tag)


def delete(tag: Tag) -> None:
    """Take the tag off its printers and delete it. Jobs for it wait until somebody names other printers."""
    with transaction.atomic():
        before = _values(tag) | {"printers": list(tag.printers.values_list("name", flat=True))}
        _tell(tag)
        record("tag.delete", tag, before=before)
        tag.delete()
        agenda.due_now("jobs.match")


def _save(tag: Tag) -> None:
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError:
        raise NameTaken(
            _("There is a tag called %(name)s already. Tags are not merged: choose another name.")
            % {"name": tag.name}
        ) from None


def _values(tag: Tag) -> dict[str, str]:
    return {"name": tag.name, "hue": str(tag.hue)}


def _tell(tag: Tag) -> None:
    """Let pages fetch the printers that show it, once this is committed."""
    org_id = current_org().pk
    ids = list(Printer.objects.filter(tags=tag).values_list("pk", flat=True))
    transaction.on_commit(lambda: live.touch(org_id, ids), robust=True)
