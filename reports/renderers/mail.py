"""A report as a mail: HTML for mail programs (tables, styles on each element, pictures) and plain text."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from reports.report import Column, Report, Section, Unit, Value
from ui.brand import Brand
from ui.charts import Chart

from .pdf import MOMENT, days_of, filters_of
from .pictures import picture
from .words import change_of, told

# A mail is for a glance: of each table that many rows, the rest is in the PDF.
MOST_ROWS = 20
# Columns beyond those that phones have room for are in the PDF too.
MOST_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """`source` is a data: URI; the mailing puts it beside the mail as a part of its own."""

    caption: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    note: str
    pictures: Sequence[Picture]
    heads: Sequence[Column]
    rows: Sequence[Sequence[tuple[str, bool]]]
    totals: Sequence[tuple[str, bool]]
    more: int

    @property
    def aligned(self) -> list[tuple[str, bool]]:
        return [(head.label, head.unit is not Unit.TEXT) for head in self.heads]


def mail(report: Report, brand: Brand, url: str) -> tuple[str, str]:
    """The HTML and the text. `url` is of the page that shows the same, whole."""
    context: dict[str, Any] = {
        "report": report,
        "org": brand.name,
        "brand": brand,
        "logo": f"data:image/png;base64,{base64.b64encode(brand.logo).decode()}" if brand.logo else "",
        "url": url,
        "days": days_of(report),
        "filters": filters_of(report),
        "made": date_format(timezone.localtime(report.made_at, report.period.zone), MOMENT),
        "figures": [
            (told(one.value, one.unit, report.currency), one.label, one.detail, change_of(one)[0])
            for one in report.figures
        ],
        "parts": [_part(section, report.currency) for section in report.sections],
    }
    return render_to_string("mail/report.html", context), render_to_string("mail/report.txt", context)


def _part(section: Section, currency: str) -> Part:
    shown = [at for at, column in enumerate(section.columns) if not column.is_extra][:MOST_COLUMNS]
    heads = [section.columns[at] for at in shown]

    def line(values: Sequence[Value]) -> list[tuple[str, bool]]:
        return [
            (told(values[at], section.columns[at].unit, currency), section.columns[at].unit is not Unit.TEXT)
            for at in shown
        ]

    # What a chart tells and the page folds away would only be scrolled over, cut off in its middle.
    is_left_out = section.is_folded and bool(section.charts) and len(section.rows) > MOST_ROWS
    rows = [] if is_left_out else section.rows[:MOST_ROWS]
    return Part(
        title=section.title,
        note=section.note,
        pictures=[_picture(chart) for chart in section.charts if not chart.is_empty],
        heads=heads,
        rows=[line(row.values) for row in rows],
        totals=line(section.totals) if section.totals else [],
        more=section.more + len(section.rows) - len(rows),
    )


def _picture(chart: Chart) -> Picture:
    data = base64.b64encode(picture(chart)).decode()
    names = ", ".join(str(one.name) for one in chart.series) if chart.kind == "bar" else ""
    caption = " – ".join(filter(None, (str(chart.title), names, str(chart.note))))
    return Picture(caption, f"{chart.title}. {chart.summary}", f"data:image/png;base64,{data}")
