"""Reports on paper and in mails: all of it, readable, and whatever names they hold."""

import base64
import ctypes
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import PIL.Image
import pypdfium2
import pypdfium2.raw
import pytest

from reports.periods import Period
from reports.renderers.mail import MOST_ROWS, mail
from reports.renderers.pdf import pdf
from reports.renderers.pictures import picture
from reports.report import Column, Figure, Report, Row, Section, Unit
from ui.brand import Brand
from ui.charts import Chart, Series
from ui.lettering import printable

BERLIN = ZoneInfo("Europe/Berlin")
COLUMNS = [
    Column("printer", "Printer", Unit.TEXT),
    Column("prints", "Prints"),
    Column("cost", "Cost", Unit.MONEY),
]
CHART = Chart("Prints", "bar", ["1.", "2."], [Series("Completed", [3, None], "green")])
NASTY = "<script>alert(1)</script> 🖨 \u202eevil =1+1 &amp;"


def made(rows=3, name="Voron", charts=(CHART,), **more):
    lines = [Row((f"{name} {at}", at, Decimal(at))) for at in range(rows)]
    section = Section("printers", "By printer", COLUMNS, lines, charts, ("All", rows, Decimal(7)))
    values = {
        "kind": "failure_analysis",
        "title": "Failures",
        "period": Period(date(2026, 10, 1), date(2026, 10, 31), BERLIN),
        "made_at": datetime(2026, 11, 1, 5, tzinfo=UTC),
        "currency": "EUR",
        "filters": [("Printers tagged", "petg")],
        "figures": [Figure("failed", "Failed", 0.083, Unit.SHARE, 0.1, "bad")],
        "sections": [section],
    }
    return Report(**{**values, **more})


def pages(data):
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def test_every_page_says_what_it_is_of_and_how_many_there_are():
    told = pages(pdf(made(rows=200), Brand("Northside")))

    assert len(told) > 2
    for number, text in enumerate(told, 1):
        assert f"page {number} of {len(told)}" in text
        assert "Northside · Failures" in text


def test_a_table_over_pages_repeats_its_head_and_ends_with_its_totals():
    told = pages(pdf(made(rows=200), Brand("Northside")))

    assert all("Printer" in text and "Cost" in text for text in told)
    assert sum(text.count("Voron ") for text in told) == 200
    assert "All" in told[-1]


def test_the_first_page_says_days_zone_and_filters():
    (first, *_) = pages(pdf(made(), Brand("Northside")))

    assert "1 Oct 2026" in first
    assert "Europe/Berlin" in first
    assert "Printers tagged: petg" in first
    assert "made on" in first


def test_names_can_not_break_paper_or_mail():
    report = made(name=NASTY, title=NASTY)

    text = " ".join(pages(pdf(report, Brand(NASTY))))
    html, plain = mail(report, Brand(NASTY), "http://odin.test/")

    assert "<script>alert(1)</script>" in text
    assert "\u202e" not in text
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<script>" in plain


def test_what_the_typeface_lacks_is_spelled_and_turns_are_dropped():
    assert printable("Größe −1 Ω Ж") == "Größe -1 Ω Ж"
    assert printable("🖨 北京\u202e x\ny") == ":printer: BeiJing x y"


def test_an_empty_report_is_a_page_that_says_so():
    (only,) = pages(
        pdf(made(sections=[Section("x", "By printer", COLUMNS, [])], figures=[]), Brand("Northside"))
    )

    assert "Nothing in this time." in only


def test_wide_tables_lie_on_the_side():
    columns = [Column(f"c{at}", f"Column {at}") for at in range(12)]
    section = Section("wide", "Wide", columns, [Row(tuple(range(12)))])

    page = pypdfium2.PdfDocument(pdf(made(sections=[section]), Brand("Northside")))[0]

    assert page.get_width() > page.get_height()


@pytest.mark.parametrize("printers", [20, 60, 400])
@pytest.mark.parametrize("columns", [3, 12])
def test_a_chart_of_many_printers_fits_onto_a_page(printers, columns):
    names = [f"Printer {at}" for at in range(printers)]
    tall = Chart("Hours", "dots", names, [Series("Hours", [1.0] * printers, "green")])
    wide = [Column(f"c{at}", f"Column {at}") for at in range(columns)]
    section = Section("printers", "By printer", wide, [Row((1,) * columns)], (CHART, tall))

    assert len(pages(pdf(made(sections=[section]), Brand("Acme")))) >= 2


@pytest.mark.parametrize("kind", ["bar", "line", "dots", "heat"])
def test_a_chart_is_a_picture_in_its_own_colours(kind):
    series = [Series("Failed", [3, 5], "red")]

    data = picture(Chart("Prints", kind, ["a", "b"], series))

    assert data.startswith(b"\x89PNG")
    assert len(data) > 1000


def test_a_mail_has_its_first_rows_styles_on_each_element_and_pictures_with_words():
    html, plain = mail(made(rows=50), Brand("Northside"), "http://odin.test/")

    assert html.count("Voron ") == MOST_ROWS
    assert f"and {50 - MOST_ROWS} more" in html
    assert not re.search(r"<style|<script|<svg|class=", html)
    (source,) = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="Prints\.', html)
    assert base64.b64decode(source).startswith(b"\x89PNG")
    assert "8.3 %" in plain.replace("\N{NO-BREAK SPACE}", " ")


def test_a_mail_leaves_out_long_tables_that_a_chart_tells():
    lines = [Row((f"Voron {at}", at, Decimal(at))) for at in range(50)]
    folded = Section("printers", "By printer", COLUMNS, lines, [CHART], is_folded=True)

    html, _plain = mail(made(sections=[folded]), Brand("Northside"), "http://odin.test/")

    assert "Voron" not in html
    assert "<img" in html


def test_branding_is_on_the_first_page_and_in_the_mail():
    written = io.BytesIO()
    PIL.Image.new("RGB", (320, 160), "#cc0000").save(written, "PNG")
    brand = Brand("Northside", "#8a2be2", written.getvalue())

    plain, page = (pypdfium2.PdfDocument(pdf(made(), one))[0] for one in (Brand("Northside"), brand))
    html, _text = mail(made(), brand, "http://odin.test/")

    kinds = [[one.type for one in on.get_objects()] for on in (plain, page)]
    pictures = [one.count(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE) for one in kinds]
    assert pictures[1] == pictures[0] + 1
    assert (0.541, 0.169, 0.886) in line_colours(page)
    assert (0.541, 0.169, 0.886) not in line_colours(plain)
    assert f"data:image/png;base64,{base64.b64encode(brand.logo).decode()}" in html
    assert "color:#8a2be2" in html


def line_colours(page):
    """Of every line and frame drawn on a page of a PDF, as shares of red, green and blue."""
    raw, found = pypdfium2.raw, set()
    for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
        parts = [ctypes.c_uint() for _ in range(4)]
        raw.FPDFPageObj_GetStrokeColor(one, *map(ctypes.byref, parts))
        found.add(tuple(round(part.value / 255, 3) for part in parts[:3]))
    return found
