"""Choosing a printer of ours or one that is lent to us, in forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.forms.models import ModelChoiceIterator

from orgs.models import Membership
from stations.models import Station

from . import lent
from .saying import named


@dataclass(frozen=True, slots=True)
class LentChoice:
    """A lent printer as a person chooses it."""

    pk: UUID
    name: str

    def __str__(self) -> str:
        return self.name


def choices_for(membership: Membership, only: UUID | None = None) -> list[LentChoice]:
    """The printers lent to us that a person may aim at; none for who is limited to some tags."""
    if membership.limited_to is not None:
        return []
    found = lent.offered(None if only is None else [only])
    names = dict(Station.objects.filter(pk__in=[one.station_id for one in found]).values_list("pk", "name"))
    made = [LentChoice(one.station_id, named(names[one.station_id], one.terms.owner)) for one in found]
    return sorted(made, key=str)


class _Iterator(ModelChoiceIterator):
    def __iter__(self) -> Iterator[Any]:
        yield from super().__iter__()
        yield from ((str(one.pk), one.name) for one in getattr(self.field, "lent", ()))


class PrinterField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Cleans to a Printer of the queryset, or to one of `lent`."""

    iterator = _Iterator
    lent: tuple[LentChoice, ...] = ()

    def to_python(self, value: Any) -> Any:
        chosen = next((one for one in self.lent if str(one.pk) == str(value)), None)
        return chosen or super().to_python(value)
