"""Which printers a person sees: viewers may be limited to those with some tags."""

from uuid import UUID

from django.db.models import QuerySet

from orgs.models import Membership

from .models import Printer, Tag


def visible_printers(membership: Membership) -> "QuerySet[Printer]":
    """All printers, for a limited viewer those with one of their tags."""
    rows = Printer.objects.all()
    limit = membership.limited_to
    if limit is None:
        return rows
    return rows.filter(pk__in=Printer.tags.through.objects.filter(tag__in=limit).values("printer"))


def visible_ids(membership: Membership) -> frozenset[UUID] | None:
    """The ids of `visible_printers`; None without a limit, which asks nothing."""
    if membership.limited_to is None:
        return None
    return frozenset(visible_printers(membership).values_list("pk", flat=True))


def visible_tags(membership: Membership) -> "QuerySet[Tag]":
    """The tags that a person may aim at: all, for a limited viewer those of the printers they see."""
    if membership.limited_to is None:
        return Tag.objects.all()
    return Tag.objects.filter(printers__in=visible_printers(membership)).distinct()
