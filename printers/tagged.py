"""Which printers have which tags."""

from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from audit.trail import record
from orgs import agenda
from orgs.current import current_org

from . import live
from .models import Printer, Tag

MOST_TAGS, LONGEST_TAG = 20, 40


class TooManyTags(Exception):
    """The printer has as many tags as it may have; the message says so."""


def add_tag(printer: Printer, name: str) -> bool:
    """Give `printer` one more tag, made if it is new; False if it has it already. Raises TooManyTags."""
    tag = _named(name)
    with transaction.atomic():
        # Two who add at once must not add one too many.
        Printer.objects.select_for_update(no_key=True).get(pk=printer.pk)
        before = _names(printer)
        if printer.tags.filter(pk=tag.pk).exists():
            return False
        if len(before) >= MOST_TAGS:
            raise TooManyTags(_("A printer has at most %(most)d tags.") % {"most": MOST_TAGS})
        printer.tags.add(tag)
        _tell(printer, before)
    return True


def remove_tag(printer: Printer, name: str) -> bool:
    """Take a tag off `printer`; False if it has no such tag. The tag itself stays."""
    with transaction.atomic():
        Printer.objects.select_for_update(no_key=True).get(pk=printer.pk)
        before = _names(printer)
        tag = printer.tags.filter(name__iexact=name).first()
        if tag is None:
            return False
        printer.tags.remove(tag)
        _tell(printer, before)
    return True


def used_tags() -> list[str]:
    """The names of the tags that some printer has."""
    return list(Tag.objects.filter(printers__isnull=False).distinct().values_list("name", flat=True))


def tag_names() -> dict[UUID, str]:
    """The organisation's tags, used or not, by their ids."""
    return dict(Tag.objects.values_list("pk", "name"))


def _named(name: str) -> Tag:
    """The tag of this name, whatever its case; made where there is none, also if somebody else just does."""
    Tag.objects.bulk_create([Tag(name=name)], ignore_conflicts=True)
    return Tag.objects.annotate(lowered=Lower("name")).get(lowered=Lower(Value(name)))


def _names(printer: Printer) -> list[str]:
    return list(printer.tags.values_list("name", flat=True))


def _tell(printer: Printer, before: list[str]) -> None:
    """Write it down, and let pages and the queue know: jobs may be for printers of a tag."""
    record("printer.change", printer, before={"tags": before}, after={"tags": _names(printer)})
    org_id, pk = current_org().pk, printer.pk
    transaction.on_commit(lambda: live.touch(org_id, [pk]), robust=True)
    agenda.due_now("jobs.match")
