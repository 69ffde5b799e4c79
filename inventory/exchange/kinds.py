"""Which filament a line of a table means: one that is known, or a new one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from inventory.models import Filament

from .columns import OF_FILAMENT

TELLING = tuple(column.name for column in OF_FILAMENT if column.tells_apart)
SAID = tuple(column.name for column in OF_FILAMENT if not column.tells_apart)
NAMES = ("material", "brand", "name", "color_name")
Names = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Wish:
    """A filament that lines are of; `filament` is None for a new one, whose `fields` are then all of it.

    `lines` are those that first said something of it, by the field.
    """

    filament: Filament | None
    fields: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    is_used: bool = False

    @property
    def changes(self) -> dict[str, Any]:
        """What of a known filament becomes another."""
        return {name: value for name, value in self.fields.items() if getattr(self.filament, name) != value}

    def __str__(self) -> str:
        return str(self.filament or Filament(**self.fields))


class Kinds:
    """The filaments there are, and those that are wished for."""

    def __init__(self, filaments: Iterable[Filament]) -> None:
        self.wishes: list[Wish] = []
        self._by_names: dict[Names, list[Wish]] = defaultdict(list)
        self._known: dict[Any, Wish] = {}
        for filament in filaments:
            wish = self._known[filament.pk] = Wish(filament)
            self.wishes.append(wish)
            self._by_names[_names(vars(filament))].append(wish)

    def find(self, values: Mapping[str, Any], now: Filament | None) -> Wish:
        """The filament that `values` mean; what they leave open is as it is `now`, if there is one."""
        said: dict[str, Any] = {name: getattr(now, name) for name in TELLING} if now else {}
        said |= {name: values[name] for name in TELLING if name in values}
        if now is not None and _is(now, said):
            return self._known[now.pk]
        for wish in self._by_names[_names(said)]:
            if _is(wish.filament or Filament(**wish.fields), said):
                return wish
        wish = Wish(None, {name: value for name, value in said.items() if value != "" or name in NAMES})
        self.wishes.append(wish)
        self._by_names[_names(said)].append(wish)
        return wish

    def ask(self, wish: Wish, values: Mapping[str, Any], line: int) -> str:
        """Let `wish` be as the line says; why that can't be, where another line says otherwise."""
        for name in SAID:
            if name not in values:
                continue
            if wish.fields.setdefault(name, values[name]) != values[name]:
                words = _("Line %(line)d says %(there)s, not %(here)s, of the same filament, %(filament)s.")
                there, here = wish.fields[name], values[name]
                told = {"line": wish.lines[name], "filament": wish, "there": there, "here": here}
                return words % told
            wish.lines.setdefault(name, line)
        return ""


def _names(values: Mapping[str, Any]) -> Names:
    return tuple(str(values.get(name, "")).casefold() for name in NAMES)


def _is(filament: Filament, said: Mapping[str, Any]) -> bool:
    """Whether it is what is said of it, whatever is not said."""
    return _names(said) == _names(vars(filament)) and all(
        getattr(filament, name) == value for name, value in said.items() if name not in NAMES
    )
