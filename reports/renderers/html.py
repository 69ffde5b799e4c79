"""A report as parts of a page: what the templates of reports/ show."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from reports.report import Column, Figure, Link, Report, Row, Section, Unit
from ui.charts import Chart

from .words import change_of, told


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
    rows: SafeString
    totals: SafeString
    more: int
    is_folded: bool
    is_empty: bool


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
        rows=_drawn(one.columns, one.rows, currency),
        totals=_drawn(one.columns, [Row(one.totals)] if one.totals else [], currency),
        more=one.more,
        is_folded=one.is_folded and bool(one.charts),
        is_empty=not one.rows,
    )


def _drawn(columns: Sequence[Column], rows: Sequence[Row], currency: str) -> SafeString:
    """The rows as HTML: thousands of cells, for which a template's loop takes ten times longer."""
    opened = [f'<td class="{css_of(column)}">' for column in columns]
    lines = []
    for row in rows:
        words = [
            escape(told(value, column.unit, currency))
            for column, value in zip(columns, row.values, strict=True)
        ]
        name = f"<bdi>{words[0]}</bdi>"
        if row.link:
            name = f'<a href="{escape(_url(row.link))}">{name}</a>'
        cells = "".join(f"{tag}{text}</td>" for tag, text in zip(opened[1:], words[1:], strict=True))
        lines.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return mark_safe("".join(lines))  # noqa: S308  # every word of it is escaped


def css_of(column: Column) -> str:
    words = {
        "is-number": column.unit is not Unit.TEXT,
        "is-extra": column.is_extra,
        "nowrap": column.is_whole,
    }
    return " ".join(word for word, is_so in words.items() if is_so)


def _url(link: Link | None) -> str:
    if link is None:
        return ""
    query = f"?{urlencode(link.query)}" if link.query else ""
    return reverse(link.to, args=link.args) + query
