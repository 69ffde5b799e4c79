"""What of the fleet a list shows: its filters, its order and its page, all in the address."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from printers.drivers import DRIVERS
from printers.states import order_of
from reports.shown import Shown, by_need, state_label
from ui.query import changed, without

PAGE_SIZE = 100
FAR = datetime.max.replace(tzinfo=UTC)
VIEWS = ("cards", "table")


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
    Property("protocol", _("Protocol"), lambda one: (one.protocol,), protocol_label),
)

SORTS: dict[str, Callable[[Shown], Any]] = {
    "name": lambda one: one.name.lower(),
    "state": lambda one: (order_of(one.state), one.name.lower()),
    "ends": lambda one: (one.ends_at or FAR, one.name.lower()),
    "model": lambda one: (one.model.lower(), one.name.lower()),
    "location": lambda one: (one.location.lower(), one.name.lower()),
}


@dataclass(frozen=True)
class Chip:
    """A filter in use; its `url` takes it off."""

    label: str
    value: str
    url: str


@dataclass(frozen=True)
class Choice:
    """A value one can filter by; its `url` sets it."""

    label: str
    count: int
    url: str
    is_on: bool


@dataclass(frozen=True)
class Selection:
    """A list as asked for by its query string."""

    page: "Page[Shown]"
    matching: int
    chips: list[Chip]
    groups: list[tuple[str, list[Choice]]]
    sort: str
    search: str
    view: str

    id = "fleet"


def select(fleet: Sequence[Shown], asked: QueryDict) -> Selection:
    """The page of `fleet` that `asked` describes. An unknown value matches nothing."""
    search = asked.get("q", "").strip()[:100]
    chosen = [one for one in fleet if _matches(one, asked) and _has_words(one, search)]
    sort, view = asked.get("sort", ""), asked.get("view", "")
    return Selection(
        page=Paginator(_ordered(chosen, sort), PAGE_SIZE).get_page(asked.get("page")),
        matching=len(chosen),
        chips=_chips(asked),
        groups=[(str(each.label), _choices(each, fleet, asked)) for each in PROPERTIES],
        sort=sort if sort.removeprefix("-") in SORTS else "",
        search=search,
        view=view if view in VIEWS else "cards",
    )


def _matches(one: Shown, asked: QueryDict) -> bool:
    for each in PROPERTIES:
        wanted = asked.getlist(each.name)
        if wanted and not set(wanted) & set(each.of(one)):
            return False
    return True


def _has_words(one: Shown, search: str) -> bool:
    told = " ".join((one.name, one.model, one.location, *one.tags, one.work.words if one.work else ""))
    return all(word in told.lower() for word in search.lower().split())


def _ordered(fleet: list[Shown], sort: str) -> list[Shown]:
    key = SORTS.get(sort.removeprefix("-"))
    return sorted(fleet, key=key, reverse=sort.startswith("-")) if key else by_need(fleet)


def _chips(asked: QueryDict) -> list[Chip]:
    return [
        Chip(str(each.label), each.label_of(value), without(asked, each.name, value))
        for each in PROPERTIES
        for value in dict.fromkeys(asked.getlist(each.name))
    ]


def _choices(each: Property, fleet: Iterable[Shown], asked: QueryDict) -> list[Choice]:
    counts = Counter(value for one in fleet for value in each.of(one))
    on = asked.getlist(each.name)
    return [
        Choice(
            each.label_of(value),
            count,
            without(asked, each.name, value) if value in on else changed(asked, {each.name: [*on, value]}),
            value in on,
        )
        for value, count in sorted(counts.items(), key=lambda pair: each.label_of(pair[0]).lower())
    ]
