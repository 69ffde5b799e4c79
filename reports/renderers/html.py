"""A report as parts of a page: what the templates of reports/ show."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from reports.report import Column, Figure, Link, Report, Row, Section, Unit, Value
from ui.charts import Chart

from .words import change_of, told


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    label: str
    css: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A figure of the whole report; `change` against the period before, with its tone."""

    label: str
    text: str
    detail: str
    change: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its charts, its table's heads, rows and totals; folded where a chart tells the same."""

    name: str
    title: str
    note: str
    charts: Sequence[Chart]
    heads: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Cell]
    more: int
    is_folded: bool

    @property
    def is_empty(self) -> bool:
        return not self.rows


@dataclass(frozen=True, slots=True)
class Shown:
    report: Report
    numbers: Sequence[Number]
    parts: Sequence[Part]


def shown(report: Report) -> Shown:
    return Shown(
        report,
        [_number(one, report.currency) for one in report.figures],
        [_part(one, report.currency) for one in report.sections],
    )


def _number(one: Figure, currency: str) -> Number:
    change, tone = change_of(one)
    text = told(one.value, one.unit, currency)
    return Number(one.label, text, one.detail, change, tone, _url(one.link))


def _part(one: Section, currency: str) -> Part:
    return Part(
        name=one.name,
        title=one.title,
        note=one.note,
        charts=one.charts,
        heads=one.columns,
        rows=[_cells(one.columns, row, currency) for row in one.rows],
        totals=_cells(one.columns, Row(one.totals), currency) if one.totals else [],
        more=one.more,
        is_folded=one.is_folded and bool(one.charts),
    )


def _cells(columns: Sequence[Column], row: Row, currency: str) -> list[Cell]:
    return [
        _cell(column, value, currency, _url(row.link) if at == 0 else "")
        for at, (column, value) in enumerate(zip(columns, row.values, strict=True))
    ]


def _cell(column: Column, value: Value, currency: str, url: str) -> Cell:
    return Cell(told(value, column.unit, currency), column.label, css_of(column), url)


def css_of(column: Column) -> str:
    words = ("is-number" if column.unit is not Unit.TEXT else "", "is-extra" if column.is_extra else "")
    return " ".join(filter(None, words))


def _url(link: Link | None) -> str:
    if link is None:
        return ""
    query = f"?{urlencode(link.query)}" if link.query else ""
    return reverse(link.to, args=link.args) + query
