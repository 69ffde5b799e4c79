"""Where spools are kept: places and dry boxes, whose names the spools carry."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from audit.trail import record

from .models import Location, Spool
from .refusing import Refused

EDITED = ("name", "is_dry_box", "humidity_percent")


def cleaned(name: str) -> str:
    """As it is kept: without edges, NULs and doubled blanks."""
    return " ".join(name.replace("\0", "").split())[:80]


def named(name: str) -> str:
    """The name that spools carry of the location `name`, in whatever case; it is added if it is new.

    To be called in the transaction that writes it to spools: the location is not renamed meanwhile.
    """
    name = cleaned(name)
    if not name:
        return ""
    with transaction.atomic():
        location = _held(name) or _made(name)
    return location.name


def _made(name: str) -> Location:
    """The new location; two who name it at once make it once."""
    new = Location(name=name)
    Location.objects.bulk_create([new], ignore_conflicts=True)
    location = _held(name) or new
    if location.pk == new.pk:
        record("location.add", location, after=_told(location))
    return location


def add(fields: Mapping[str, Any]) -> Location:
    """A new place; Refused if there is one of its name."""
    try:
        with transaction.atomic():
            location = Location.objects.create(**{**fields, "name": cleaned(fields["name"])})
            record("location.add", location, after=_told(location))
    except IntegrityError as error:
        raise _taken(fields["name"]) from error
    return location


def edit(location: Location, fields: Mapping[str, Any]) -> Location:
    """Change some of EDITED; its spools carry the new name. Refused if another has it: that is a merge."""
    try:
        with transaction.atomic():
            locked = Location.objects.select_for_update().get(pk=location.pk)
            before = _told(locked)
            for name, value in fields.items():
                setattr(locked, name, cleaned(value) if name == "name" else value)
            locked.save(update_fields=list(fields))
            after = _told(locked)
            if before != after:
                Spool.objects.filter(location=before["name"]).update(location=locked.name)
                record("location.edit", locked, before=before, after=after)
    except IntegrityError as error:
        raise _taken(fields["name"]) from error
    return locked


def merge(location: Location, into: Location) -> int:
    """Take all spools of `location` to `into` and forget the former; how many there were."""
    if location.pk == into.pk:
        raise Refused(_("A location can't be merged with itself."))
    with transaction.atomic():
        pks = [location.pk, into.pk]
        held = {one.pk: one for one in Location.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
        if len(held) < len(pks):
            raise Refused(_("One of the locations is gone."))
        old, new = held[location.pk], held[into.pk]
        moved = Spool.objects.filter(location=old.name).update(location=new.name)
        record("location.merge", old, before={"name": old.name, "spools": moved}, after={"name": new.name})
        old.delete()
    return moved


def delete(location: Location) -> None:
    """Refused while unarchived spools are there; archived ones then are nowhere."""
    with transaction.atomic():
        locked = Location.objects.select_for_update().get(pk=location.pk)
        there = Spool.objects.filter(location=locked.name)
        if there.filter(archived_at=None).exists():
            raise Refused(_("There are spools in %(location)s. Move them first.") % {"location": locked})
        there.update(location="")
        record("location.delete", locked, before=_told(locked))
        locked.delete()


def counted() -> "QuerySet[Location]":
    """All, with `spools`: how many unarchived ones belong there, loaded ones too."""
    there = Spool.objects.filter(location=OuterRef("name"), archived_at=None).order_by()
    count = there.values("location").annotate(n=Count("pk")).values("n")
    return Location.objects.annotate(spools=Coalesce(Subquery(count, output_field=IntegerField()), 0))


def _held(name: str) -> Location | None:
    return Location.objects.select_for_update(no_key=True).filter(name__iexact=name).first()


def _taken(name: str) -> Refused:
    return Refused(_("There is a location “%(name)s” already.") % {"name": cleaned(name)})


def _told(location: Location) -> dict[str, Any]:
    return {name: getattr(location, name) for name in EDITED}
