"""Spools that printers recognise by their tags, and trays that say they are empty."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.trail import Actor, acting, record
from printers.models import Printer, Slot

from .loading import load, unload
from .models import Spool
from .refusing import Refused


@dataclass(frozen=True, slots=True)
class Change:
    """A slot of which the printer now tells something else: the slot as it is, and what it said before."""

    slot: Slot
    old_tag: str
    was_filled: bool | None


def take_in(printer: Printer, changes: Sequence[Change]) -> None:
    """Load the spools whose tags the printer begins to read, and unload what it sees gone.

    Only what changed is acted on: what a person loads otherwise stays until the printer tells news of it.
    """
    tags = {tag_of(one.slot.tag): one.slot for one in changes if one.slot.tag and one.slot.tag != one.old_tag}
    gone = [one.slot for one in changes if one.was_filled and one.slot.is_filled is False]
    if not tags and not gone:
        return
    with transaction.atomic(), acting(Actor(None, printer.name, via="printer")):
        known = Spool.objects.filter(tag_uid__in=tags, archived_at=None)
        found = {spool.tag_uid: spool for spool in known}
        for tag, spool in found.items():
            with suppress(Refused):
                load(spool, tags[tag])
        strange = {slot.pk for tag, slot in tags.items() if tag not in found}
        left = Spool.objects.filter(slot__in=[*(slot.pk for slot in gone), *strange])
        for spool in left:
            # Where a strange tag is read, a spool that has none may be the one: a person is asked.
            if spool.tag_uid or spool.slot_id not in strange:
                unload(spool)


def remember(spool: Spool, slot: Slot) -> None:
    """`spool` is the one whose tag is read in `slot`: it has this tag from now on, and is loaded there.

    Refused for a spool that has another tag, and where the tag is another spool's.
    """
    tag = tag_of(slot.tag)
    with transaction.atomic():
        locked = Spool.objects.select_for_update(no_key=True, of=("self",)).get(pk=spool.pk)
        if tag and locked.tag_uid != tag:
            if locked.tag_uid:
                words = _("Spool #%(number)d has another tag. Change it there, if it is wrong.")
                raise Refused(words % {"number": locked.number})
            with once_tagged({"tag_uid": tag}):
                Spool.objects.filter(pk=locked.pk).update(tag_uid=tag)
            record("spool.edit", locked, before={"tag_uid": ""}, after={"tag_uid": tag})
        load(locked, slot)


def load_where_seen(spool: Spool) -> None:
    """Load a spool that was given its tag into the slot where a printer reads it."""
    if not spool.tag_uid or spool.archived_at:
        return
    slot = Slot.objects.filter(tag__iexact=spool.tag_uid).select_related("printer").first()
    if slot is not None and spool.slot_id != slot.pk:
        load(spool, slot)


def strange(tags: Iterable[str]) -> frozenset[str]:
    """Those of what printers read that are the tag of no spool of ours, archived ones included."""
    read = {tag: tag_of(tag) for tag in tags if tag}
    if not read:
        return frozenset()
    known = set(Spool.objects.filter(tag_uid__in=read.values()).values_list("tag_uid", flat=True))
    return frozenset(tag for tag, kept in read.items() if kept not in known)


def tag_of(text: str) -> str:
    """A tag's id as it is kept: in capitals, without what is put between the digits."""
    return "".join(text.split()).replace(":", "").replace("-", "").upper()[:40]


@contextmanager
def once_tagged(fields: Mapping[str, Any]) -> Iterator[None]:
    """Refused if another spool has the tag that is written inside."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        other = Spool.objects.filter(tag_uid=tag_of(fields.get("tag_uid", ""))).exclude(tag_uid="").first()
        if other is None:
            raise
        raise Refused(_("Spool #%(number)d has this tag.") % {"number": other.number}) from error
