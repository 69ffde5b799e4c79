"""A report as PDF: A4 pages with figures, charts and tables that break well, each saying what it is of."""

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    Image,
    KeepTogether,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from reports.report import Column, Report, Section, Unit, Value
from ui.brand import Brand
from ui.charts import Chart
from ui.lettering import BOLD, REGULAR, font, printable

from .pictures import picture
from .words import change_of, told

MARGIN, FOOT = 16 * mm, 12 * mm
TEXT, MUTED, LINE, STRIPE = (colors.HexColor(code) for code in ("#14181b", "#53595e", "#dbded8", "#f2f3f0"))
WIDEST_COLUMN = 70 * mm
# More columns than these are read on a sheet turned round.
PORTRAIT_COLUMNS = 8
CHART_WIDTH = 178 * mm
# What stands above a chart on its page: title, note and caption.
HEAD_ROOM = 28 * mm
# As on pages: told the same way everywhere, and misread nowhere.
DAY, MOMENT = "j M Y", "j M Y, H:i"
LOGO_HIGH, LOGO_WIDE = 12 * mm, 48 * mm


def _style(name: str, size: float, font: str = REGULAR, colour: Any = TEXT, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.3, textColor=colour, **more)


TITLE = _style("title", 18, BOLD, spaceAfter=4)
LEAD = _style("lead", 9.5, colour=MUTED, spaceAfter=2)
HEADING = _style("heading", 12, BOLD, spaceBefore=12, spaceAfter=4, keepWithNext=True)
CAPTION = _style("caption", 9, BOLD, spaceBefore=6, spaceAfter=2)
NOTE = _style("note", 8.5, colour=MUTED, spaceAfter=4)
CELL = _style("cell", 8)
NUMBER, NUMBER_LABEL = _style("number", 13, BOLD), _style("number label", 8, colour=MUTED)


def pdf(report: Report, brand: Brand) -> bytes:
    """The whole of it, all rows."""
    font(REGULAR), font(BOLD)
    is_wide = any(len(section.columns) > PORTRAIT_COLUMNS for section in report.sections)
    size = landscape(A4) if is_wide else A4
    written = io.BytesIO()
    document = BaseDocTemplate(
        written,
        pagesize=size,
        title=printable(f"{report.title} · {brand.name}"),
        author=printable(brand.name),
        creator="O.D.I.N.",
    )
    frame = Frame(
        MARGIN, MARGIN + FOOT, size[0] - 2 * MARGIN, size[1] - 2 * MARGIN - FOOT, 0, 0, 0, 0, id="body"
    )
    document.addPageTemplates(PageTemplate(frames=[frame]))
    foot = f"{brand.name} · {report.title} · {days_of(report)}"
    document.build(
        _story(report, brand, frame.width, frame.height),
        canvasmaker=lambda *args, **more: _Numbered(*args, foot=printable(foot), **more),
    )
    return written.getvalue()


def days_of(report: Report) -> str:
    """The days it tells of and their zone, in words."""
    first, last = report.period.first, report.period.last
    told = [date_format(day, DAY) for day in (first, last)]
    days = told[0] if first == last else " – ".join(told)
    return f"{days} ({report.period.zone.key})"


def filters_of(report: Report) -> str:
    return " · ".join(f"{label}: {value}" for label, value in report.filters) or _("Everything")


class _Numbered(Canvas):
    """Writes "page 2 of 7": how many there are is known at the end only, so pages wait until then."""

    def __init__(self, *args: Any, foot: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self._foot = foot
        # What its library's types don't tell of.
        self._own: Any = self
        self._waiting: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._waiting.append(dict(self.__dict__))
        self._own._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._waiting, 1):
            self.__dict__.update(page)
            self._write_foot(number, len(self._waiting))
            super().showPage()
        super().save()

    def _write_foot(self, number: int, count: int) -> None:
        width = self._own._pagesize[0]
        self.setStrokeColor(LINE)
        self.line(MARGIN, MARGIN + 5 * mm, width - MARGIN, MARGIN + 5 * mm)
        self.setFont(REGULAR, 8)
        self.setFillColor(MUTED)
        numbered = _("page %(number)d of %(count)d") % {"number": number, "count": count}
        room = width - 2 * MARGIN - stringWidth(numbered, REGULAR, 8) - 6 * mm
        (first, *_more) = simpleSplit(self._foot, REGULAR, 8, room) or [""]
        self.drawString(MARGIN, MARGIN, first)
        self.drawRightString(width - MARGIN, MARGIN, numbered)


def _story(report: Report, brand: Brand, width: float, height: float) -> list[Flowable]:
    made = date_format(timezone.localtime(report.made_at, report.period.zone), MOMENT)
    story: list[Flowable] = [
        *_head(brand),
        _words(f"{brand.name} · {report.title}", TITLE),
        _words(days_of(report), LEAD),
        _words(filters_of(report), LEAD),
        _words(_("made on %(when)s by O.D.I.N.") % {"when": made}, LEAD),
        Spacer(0, 8),
    ]
    if report.figures:
        story.append(_figures(report, width))
    story += [_words(note, NOTE) for note in report.notes]
    for section in report.sections:
        story += _section(section, report, width, height - HEAD_ROOM)
    return story


def _head(brand: Brand) -> list[Flowable]:
    """The logo over a line in the organisation's colour; nothing for one without branding."""
    head: list[Flowable] = []
    if brand.logo:
        logo = Image(io.BytesIO(brand.logo), hAlign="LEFT")
        share = min(LOGO_HIGH / logo.imageHeight, LOGO_WIDE / logo.imageWidth)
        logo.drawHeight, logo.drawWidth = logo.imageHeight * share, logo.imageWidth * share
        head += [logo, Spacer(0, 4)]
    if brand.accent:
        line = HRFlowable("100%", 1.6, color=colors.HexColor(brand.accent), spaceBefore=0, spaceAfter=8)
        head.append(line)
    return head


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(printable(text)), style)


def _figures(report: Report, width: float) -> Table:
    cells = []
    for one in report.figures:
        change, _tone = change_of(one)
        label = " · ".join(filter(None, (one.label, one.detail, change)))
        value = told(one.value, one.unit, report.currency)
        cells.append([_words(value, NUMBER), _words(label, NUMBER_LABEL)])
    in_row = 4 if width > 200 * mm else 3
    cells += [[]] * (-len(cells) % in_row)
    rows = [cells[at : at + in_row] for at in range(0, len(cells), in_row)]
    table = Table(rows, [width / in_row] * in_row)
    table.setStyle(
        TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOX", (0, 0), (-1, -1), 0.5, LINE),
                    ("INNERGRID", (0, 0), (-1, -1), 0.5, LINE)])
    )  # fmt: skip
    return table


def _section(section: Section, report: Report, width: float, height: float) -> list[Flowable]:
    head: list[Flowable] = [_words(section.title, HEADING)]
    if section.note:
        head.append(_words(section.note, NOTE))
    charts = [_chart(chart, width, height) for chart in section.charts if not chart.is_empty]
    parts: list[Flowable] = [KeepTogether([*head, *charts[0]]) if charts else KeepTogether(head)]
    parts += [KeepTogether(one) for one in charts[1:]]
    if not section.rows:
        return [*parts, _words(_("Nothing in this time."), NOTE)]
    # A head with a line or two below it, rather than alone at the foot of a page.
    parts += [CondPageBreak(24 * mm), _table(section, report.currency, width)]
    if section.more:
        more = ngettext("and %(n)d more", "and %(n)d more", section.more) % {"n": section.more}
        parts.append(_words(more, NOTE))
    return parts


def _chart(chart: Chart, width: float, height: float) -> list[Flowable]:
    """Its caption and its picture, at most `height` points high: a farm's list of printers has no end."""
    data = picture(chart)
    image = Image(io.BytesIO(data))
    wide = min(width, CHART_WIDTH, height * image.imageWidth / image.imageHeight)
    image.drawHeight, image.drawWidth = wide * image.imageHeight / image.imageWidth, wide
    image.hAlign = "LEFT"
    caption = f"{chart.title} ({chart.unit})" if chart.unit else str(chart.title)
    named = ", ".join(str(one.name) for one in chart.series) if chart.kind == "bar" else ""
    return [_words(" – ".join(filter(None, (caption, named, str(chart.note)))), CAPTION), image]


def _table(section: Section, currency: str, width: float) -> LongTable:
    lines = [row.values for row in section.rows]
    if section.totals:
        lines.append(section.totals)
    heads = [printable(column.label) for column in section.columns]
    texts = [[_text(value, column, currency) for value, column in zip(line, section.columns, strict=True)]
             for line in lines]  # fmt: skip
    widths = _widths(section.columns, [heads, *texts], width)
    rows = [[_fitted(text, room) for text, room in zip(line, widths, strict=True)] for line in texts]
    table = LongTable([heads, *rows], widths, repeatRows=1)
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, 0), BOLD, 8), ("FONT", (0, 1), (-1, -1), REGULAR, 8),
        ("TEXTCOLOR", (0, 0), (-1, -1), TEXT), ("LINEBELOW", (0, 0), (-1, 0), 0.7, MUTED),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, STRIPE]), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]  # fmt: skip
    for at, column in enumerate(section.columns):
        if column.unit is not Unit.TEXT:
            style.append(("ALIGN", (at, 0), (at, -1), "RIGHT"))
    if section.totals:
        style += [("FONT", (0, -1), (-1, -1), BOLD, 8), ("LINEABOVE", (0, -1), (-1, -1), 0.7, MUTED)]
    table.setStyle(TableStyle(style))
    table.hAlign = "LEFT"
    return table


def _text(value: Value, column: Column, currency: str) -> str:
    return printable(told(value, column.unit, currency))


def _widths(columns: Sequence[Column], lines: Sequence[Sequence[str]], width: float) -> list[float]:
    """As wide as the widest text; where that is too much, texts give way before numbers do."""
    wanted = [
        min(WIDEST_COLUMN, max(stringWidth(line[at], BOLD, 8) for line in lines) + 12)
        for at in range(len(columns))
    ]
    over = sum(wanted) - width
    of_text = [at for at, column in enumerate(columns) if column.unit is Unit.TEXT]
    if over > 0 and (room := sum(wanted[at] for at in of_text)):
        for at in of_text:
            wanted[at] = max(22 * mm, wanted[at] - over * wanted[at] / room)
    over = max(1.0, sum(wanted) / width)
    return [one / over for one in wanted]


def _fitted(text: str, room: float) -> str | Paragraph:
    """A paragraph, which breaks into lines but is slow to set, only where it is needed."""
    return text if stringWidth(text, BOLD, 8) + 12 <= room + 0.1 else Paragraph(escape(text), CELL)
