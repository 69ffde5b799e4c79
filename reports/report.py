"""A report as data: figures, tables and charts, without a format; builders make it, renderers show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from ui.charts import Chart

from .periods import Period

Value = str | int | float | Decimal | None


class Unit(StrEnum):
    """What a column's values are: the renderers know how each is written."""

    TEXT = "text"
    COUNT = "count"
    # Shares of 1, and differences of such shares.
    SHARE = "share"
    CHANGE = "change"
    # A factor less 1: 0.1 is ten per cent more.
    BIAS = "bias"
    GRAMS = "grams"
    SECONDS = "seconds"
    KWH = "kwh"
    # A number with two decimals, of what the row itself says.
    QUANTITY = "quantity"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is for programs and never translated; extra columns are left out on phones.

    What `is_whole` is never broken into lines.
    """

    name: str
    label: str
    unit: Unit = Unit.COUNT
    is_extra: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Where the rows behind a figure are listed: a URL's name, its arguments and its query."""

    to: str
    query: Mapping[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A value for each column of its section."""

    values: tuple[Value, ...]
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the whole report; `before` is the same of the period before, None where that says nothing.

    `rising_is` is the tone that more of it deserves: "good", "bad" or neither. `detail` is a few words of it.
    """

    name: str
    label: str
    value: Value
    unit: Unit
    before: Value = None
    rising_is: str = ""
    detail: str = ""
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its charts. `note` says what is counted; `totals` has a value for each column or is empty.

    `more` tells how many rows were left out, `is_folded` that the table is behind its charts.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    charts: Sequence[Chart] = ()
    totals: tuple[Value, ...] = ()
    note: str = ""
    more: int = 0
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """`filters` are what it was narrowed to, as label and value, in words."""

    kind: str
    title: str
    period: Period
    made_at: datetime
    currency: str
    filters: Sequence[tuple[str, str]]
    figures: Sequence[Figure]
    sections: Sequence[Section]
    notes: Sequence[str] = ()
