"""Lists from the query string: search, filters, sort and pages over a queryset, in two queries."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .days import Days, asked
from .query import changed, without

SIZES = (25, 50, 100, 200)
SIZE = 50
LONGEST_SEARCH = 200
NO_DAYS = {"from": None, "to": None}

Row = TypeVar("Row", bound=Model)
Choices = Sequence[tuple[Any, str | Promise]]


@dataclass(frozen=True)
class Column:
    """A heading; `sort` names the fields it orders by ("" for none), `kind` is "", number, tight or extra.

    An extra column is left out on phones.
    """

    name: str
    label: str | Promise
    sort: str | tuple[str, ...] = ""
    kind: str = ""

    @property
    def css(self) -> str:
        return " ".join(f"is-{word}" for word in self.kind.split())


@dataclass(frozen=True)
class Filter:
    """A property one may filter by. Several chosen values mean any of them.

    `lookup` is a field lookup (`state`, `tags__name`), or a function from a value to Q. `choices` may be a
    function, called once for each page.
    """

    name: str
    label: str | Promise
    choices: Choices | Callable[[], Iterable[tuple[Any, str | Promise]]]
    lookup: str | Callable[[str], Q] = ""
    is_many: bool = False

    def condition(self, value: str) -> Q:
        if callable(self.lookup):
            return self.lookup(value)
        return Q(**{self.lookup or self.name: value})


@dataclass(frozen=True)
class Option:
    """One value of a filter as the menu shows it; `url` puts it on or takes it off."""

    label: str | Promise
    url: str
    is_on: bool


@dataclass(frozen=True)
class Chip:
    """A filter that is on; `url` takes it off."""

    label: str | Promise
    value: str | Promise
    url: str


class Table(Generic[Row]):
    """Subclass it with what the list may do; what the address asks beyond that is ignored.

    `order` is the default sort, as order_by takes it; rows that tie are told apart by their pk. `days_of` is
    the time whose days the address may name by `from` and `to`. Of `long_filters` only those are offered that
    are in the address: links lead to them, and their choices are many.
    """

    id: ClassVar[str] = "table"
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    search: ClassVar[Sequence[str]] = ()
    order: ClassVar[Sequence[str | OrderBy]] = ()
    size: ClassVar[int] = SIZE
    days_of: ClassVar[str] = ""
    long_filters: ClassVar[Sequence[Filter]] = ()

    def __init__(self, rows: QuerySet[Row], query: QueryDict) -> None:
        self.query = query
        self.all_rows = rows
        self.offered = [*self.filters, *(one for one in self.long_filters if one.name in query)]

    @cached_property
    def words(self) -> str:
        """What is searched for."""
        return self.query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]

    @cached_property
    def matching(self) -> QuerySet[Row]:
        """All rows of the search and filters, in their order, not yet paged: for bulk actions and CSV too."""
        rows = self._of_days(self._searched(self.all_rows))
        for one in self.offered:
            chosen = [value for value, _label in self._choices(one) if value in self._asked(one)]
            if chosen:
                condition = reduce(or_, (one.condition(value) for value in chosen))
                # A join to many rows would show a row once for each: the subquery keeps it single.
                many = Q(pk__in=self.all_rows.filter(condition).order_by().values("pk"))
                rows = rows.filter(many if one.is_many else condition)
        return rows.order_by(*self._ordering())

    @cached_property
    def total(self) -> int:
        return self.matching.count()

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page."""
        start = (self.page - 1) * self.page_size
        return list(self.matching[start : start + self.page_size])

    @cached_property
    def page_size(self) -> int:
        asked = _whole(self.query.get("size", ""))
        return asked if asked in SIZES else self.size

    @cached_property
    def pages(self) -> int:
        return max(1, -(-self.total // self.page_size))

    @cached_property
    def page(self) -> int:
        return min(max(1, _whole(self.query.get("page", ""))), self.pages)

    @property
    def first(self) -> int:
        """The number of this page's first row, from 1; 0 when there is none."""
        return (self.page - 1) * self.page_size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.page_size, self.total)

    @property
    def previous_url(self) -> str:
        return changed(self.query, {"page": self.page - 1}) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        return changed(self.query, {"page": self.page + 1}) if self.page < self.pages else ""

    @cached_property
    def sort(self) -> str:
        """The column sorted by, "-" before it for downwards; empty for the default order."""
        asked = self.query.get("sort", "")
        return (
            asked
            if any(column.sort and column.name == asked.removeprefix("-") for column in self.columns)
            else ""
        )

    @cached_property
    def menus(self) -> list[tuple[Filter, list[Option]]]:
        """Each filter with its values, for the menu "+ Filter"."""
        return [
            (one, [self._option(one, value, label) for value, label in self._choices(one)])
            for one in self.offered
        ]

    @cached_property
    def chips(self) -> list[Chip]:
        """The filters that are on."""
        chips = [
            Chip(one.label, option.label, option.url)
            for one, options in self.menus
            for option in options
            if option.is_on
        ]
        if self.days:
            chips.append(Chip(_("Days"), self.days.words, changed(self.query, NO_DAYS)))
        return chips

    @cached_property
    def days(self) -> Days | None:
        """The days it is narrowed to, if any."""
        return asked(self.query) if self.days_of else None

    @property
    def has_menu(self) -> bool:
        """Whether there is anything to filter or sort by."""
        return bool(self.offered or any(column.sort for column in self.columns))

    @property
    def is_filtered(self) -> bool:
        return bool(self.words or self.chips)

    @property
    def clear_url(self) -> str:
        days = NO_DAYS if self.days else {}
        return changed(self.query, {"q": None, **{one.name: None for one in self.offered}, **days})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the search form carries on: every parameter but the search itself and the page."""
        return [
            (name, value)
            for name, values in self.query.lists()
            if name not in ("q", "page")
            for value in values
        ]

    def _searched(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        for word in self.words.split() if self.search else ():
            rows = rows.filter(reduce(or_, (Q(**{f"{field}__icontains": word}) for field in self.search)))
        return rows

    def _of_days(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        start, end = (self.days.start, self.days.end) if self.days else (None, None)
        rows = rows.filter(**{f"{self.days_of}__gte": start}) if start else rows
        return rows.filter(**{f"{self.days_of}__lt": end}) if end else rows

    def _ordering(self) -> list[str | OrderBy]:
        column = next(
            (one for one in self.columns if one.name == self.sort.removeprefix("-") and one.sort), None
        )
        if column is None:
            return [*self.order, "pk"]
        fields = (column.sort,) if isinstance(column.sort, str) else column.sort
        is_down = self.sort.startswith("-")
        return [
            *(F(name).desc(nulls_last=True) if is_down else F(name).asc(nulls_last=True) for name in fields),
            "pk",
        ]

    def _asked(self, one: Filter) -> list[str]:
        return self.query.getlist(one.name)

    def _choices(self, one: Filter) -> list[tuple[str, str | Promise]]:
        if one.name not in self._known:
            given = one.choices() if callable(one.choices) else one.choices
            self._known[one.name] = [(str(getattr(value, "value", value)), label) for value, label in given]
        return self._known[one.name]

    @cached_property
    def _known(self) -> dict[str, list[tuple[str, str | Promise]]]:
        return {}

    def _option(self, one: Filter, value: str, label: str | Promise) -> Option:
        asked = self._asked(one)
        is_on = value in asked
        url = (
            without(self.query, one.name, value)
            if is_on
            else changed(self.query, {one.name: [*asked, value]})
        )
        return Option(label, url, is_on)


def _whole(text: str) -> int:
    """The whole number in `text`, else 0."""
    try:
        return int(text)
    except ValueError:
        return 0
