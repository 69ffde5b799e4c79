"""What of the fleet a list shows: its filters, its order and its page, all in the address."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from printers.drivers import DRIVERS
from printers.states import order_of
from reports.shown import Shown, by_need, natural, state_label
from ui.query import changed, without

FAR = datetime.max.replace(tzinfo=UTC)


def protocol_label(protocol: str) -> str:
    """The name people know a protocol by."""
    driver = DRIVERS.get(protocol)
    return driver.label if driver else protocol


@dataclass(frozen=True)
class Property:
    """Something a list can be narrowed by: `of` gives a printer's values, `label_of` how a value reads."""

    name: str
    label: str | Promise
    of: Callable[[Shown], tuple[str, ...]]
    label_of: Callable[[str], str] = str


PROPERTIES = (
    Property("state", _("State"), lambda one: (one.state.value,), state_label),
    Property("tag", _("Tag"), lambda one: one.tags),
    Property("location", _("Location"), lambda one: (one.location,) if one.location else ()),
    Property("model", _("Model"), lambda one: (one.model,) if one.model else ()),
    Property("material", _("Loaded"), lambda one: one.materials),
    Property("protocol", _("Protocol"), lambda one: (one.protocol,), protocol_label),
)

# What an address asks for: a property and the values of which a printer has to have one.
Wanted = list[tuple[Property, frozenset[str]]]

# "need" is by_need, which looks at all at once.
SORTS: dict[str, Callable[[Shown], Any] | None] = {
    "need": None,
    "name": lambda one: natural(one.name),
    "state": lambda one: (order_of(one.state), natural(one.name)),
    "ends": lambda one: (one.ends_at or FAR, natural(one.name)),
    "model": lambda one: (one.model.lower(), natural(one.name)),
    "location": lambda one: (natural(one.location), natural(one.name)),
}
SORT_LABELS = (
    ("need", _("Needs you, then soonest end")),
    ("name", _("Name")),
    ("state", _("State")),
    ("ends", _("Soonest end")),
    ("model", _("Model")),
    ("location", _("Location")),
)


@dataclass(frozen=True)
class View:
    """A way to show the list: one density of the same things.

    `kind` is a fragment of reports.drawing; a page has `size` printers, or all of them for None; `sort` is
    the usual order: on a wall, which nobody reloads, each printer keeps its place.
    """

    name: str
    label: str | Promise
    icon: str
    kind: str
    size: int | None
    sort: str = "need"


VIEWS = {
    view.name: view
    for view in (
        View("cards", _("Cards"), "layout-grid", "card", 100),
        View("table", _("Table"), "rows-3", "row", 100),
        View("tiles", _("Tiles"), "grid-3x3", "tile", 200),
        View("wall", _("Wall"), "monitor", "wall", None, "name"),
    )
}
# What a saved view may keep of an address.
KEPT = ("q", "sort", "view", *(each.name for each in PROPERTIES))


@dataclass(frozen=True)
class Chip:
    """A filter in use; its `url` takes it off."""

    label: str
    value: str
    url: str
    hue: str = ""


@dataclass(frozen=True)
class Choice:
    """A value one can filter by; its `url` sets it. `count` printers have it, of those the rest leaves."""

    label: str
    count: int
    url: str
    is_on: bool
    hue: str = ""


@dataclass(frozen=True)
class Selection:
    """A list as asked for by its query string."""

    page: "Page[Shown]"
    matching: int
    chips: list[Chip]
    groups: list[tuple[str, list[Choice]]]
    sort: str
    search: str
    view: View

    id = "fleet"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chips or self.search)


def select(fleet: Sequence[Shown], asked: QueryDict) -> Selection:
    """The page of `fleet` that `asked` describes. An unknown value matches nothing."""
    words, wanted = words_of(asked), _wanted(asked)
    found = [one for one in fleet if _has_words(one, words)]
    chosen = [one for one in found if _matches(one, wanted)]
    view = view_of(asked)
    sort = asked.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTS else view.sort
    hues = {label.name: label.hue for one in fleet for label in one.labels}
    size = view.size or max(1, len(chosen))
    return Selection(
        page=Paginator(_ordered(chosen, sort), size).get_page(asked.get("page")),
        matching=len(chosen),
        chips=_chips(asked, hues),
        groups=[(str(each.label), _choices(each, found, asked, hues)) for each in PROPERTIES],
        sort=sort,
        search=words,
        view=view,
    )


def countable(fleet: Iterable[Shown], asked: QueryDict) -> list[Shown]:
    """What the counters count: what matches all but the state, so that a press shows as many as it says."""
    words, wanted = words_of(asked), _wanted(asked)
    return [one for one in fleet if _has_words(one, words) and _matches(one, wanted, but="state")]


def view_of(asked: QueryDict) -> View:
    return VIEWS.get(asked.get("view", ""), VIEWS["cards"])


def words_of(asked: QueryDict) -> str:
    return asked.get("q", "").strip()[:100]


def kept(asked: QueryDict) -> str:
    """As much of an address as a saved view keeps; it always names the density, so that it is never empty."""
    query = QueryDict(mutable=True)
    for name in KEPT:
        if values := [value for value in dict.fromkeys(asked.getlist(name)) if value]:
            query.setlist(name, values)
    query["view"] = view_of(asked).name
    return query.urlencode()


def _wanted(asked: QueryDict) -> Wanted:
    return [(each, frozenset(asked.getlist(each.name))) for each in PROPERTIES if each.name in asked]


def _matches(one: Shown, wanted: Wanted, but: str = "") -> bool:
    """Whether it has a wanted value of each property that is asked for, `but` left out."""
    return all(each.name == but or not values.isdisjoint(each.of(one)) for each, values in wanted)


def _has_words(one: Shown, search: str) -> bool:
    if not search:
        return True
    work = one.on_it if one.work or one.guest else ""
    told = " ".join((one.name, one.model, one.location, *one.tags, *one.materials, work)).lower()
    return all(word in told for word in search.lower().split())


def _ordered(fleet: list[Shown], sort: str) -> list[Shown]:
    key = SORTS[sort.removeprefix("-")]
    return sorted(fleet, key=key, reverse=sort.startswith("-")) if key else by_need(fleet)


def _chips(asked: QueryDict, hues: Mapping[str, str]) -> list[Chip]:
    return [
        Chip(str(each.label), each.label_of(value), without(asked, each.name, value), _hue(each, value, hues))
        for each in PROPERTIES
        for value in dict.fromkeys(asked.getlist(each.name))
    ]


def _choices(
    each: Property, fleet: Iterable[Shown], asked: QueryDict, hues: Mapping[str, str]
) -> list[Choice]:
    wanted = _wanted(asked)
    rest = [one for one in fleet if _matches(one, wanted, but=each.name)]
    counts = Counter(value for one in rest for value in each.of(one))
    on = asked.getlist(each.name)
    return [
        Choice(
            each.label_of(value),
            count,
            without(asked, each.name, value) if value in on else changed(asked, {each.name: [*on, value]}),
            value in on,
            _hue(each, value, hues),
        )
        for value, count in sorted(counts.items(), key=lambda pair: natural(each.label_of(pair[0])))
    ]


def _hue(each: Property, value: str, hues: Mapping[str, str]) -> str:
    return hues.get(value, "") if each.name == "tag" else ""
