"""Labels are as large as they say, crisp on 203 dpi printers, and bear any text."""

from itertools import groupby

import pypdfium2
import pytest
import zxingcpp

from inventory.labels.drawing import Face
from inventory.labels.formats import FORMATS, SHEETS, SINGLES, custom
from inventory.labels.sheets import drawn
from ui import lettering

URL = "http://192.168.178.20:8000/o/makerspace-north/s/{}/"
MM = 72 / 25.4


def face(number=1, **more):
    usual = {
        "number": f"#{number}", "url": URL.format(number), "title": "PETG", "color": "#FF8000",
        "lines": ("orange", "Prusament", "Makerspace"), "code": f"makerspace-north/{number}",
    }  # fmt: skip
    return Face(**{**usual, **more})


def pages(pdf, dpi=203):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def codes(picture):
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize(
    "layout", [*SINGLES, custom(25, 15), custom(30, 60), custom(210, 297)],
    ids=lambda one: f"{one.width}x{one.height}",
)  # fmt: skip
def test_a_single_label_has_its_size_and_a_code_that_is_read_at_203_dpi(layout):
    pdf = drawn([face(1), face(2)], layout)

    document = pypdfium2.PdfDocument(pdf)
    sizes = [tuple(round(side / MM, 1) for side in page.get_size()) for page in document]
    document.close()
    assert sizes == [(layout.width, layout.height)] * 2
    assert [codes(page) for page in pages(pdf)] == [[URL.format(1)], [URL.format(2)]]


@pytest.mark.parametrize("layout", SINGLES, ids=lambda one: one.name)
def test_each_module_of_a_code_is_a_whole_number_of_dots(layout):
    # Whole dots, as pdfium stretches a page to whole pixels.
    sides = ((round(side * 203 / 25.4) - 0.01) * 25.4 / 203 for side in (layout.width, layout.height))
    (page,) = pages(drawn([face()], custom(*sides)))
    (code,) = zxingcpp.read_barcodes(page)

    corners, grey = code.position, page.convert("L")
    across = range(corners.top_left.x, corners.top_right.x + 1)
    row = [grey.getpixel((x, corners.top_left.y + 1)) for x in across]
    runs = [len(list(same)) for _level, same in groupby(row)]
    # The finder pattern begins with seven dark modules.
    assert runs[0] % 7 == 0
    assert {run % (runs[0] // 7) for run in runs[:-1]} == {0}
    assert set(row) == {0, 255}


@pytest.mark.parametrize("layout", SHEETS, ids=lambda one: one.name)
def test_labels_of_a_sheet_lie_on_it_and_not_on_each_other(layout):
    width, height = layout.page_size
    corners = [layout.corner(place) for place in range(layout.on_a_page)]

    assert len(set(corners)) == layout.on_a_page
    assert layout.right >= layout.width - 0.001
    assert layout.down >= layout.height - 0.001
    assert max(left for left, _top in corners) + layout.width <= width + 0.1
    assert max(top for _left, top in corners) + layout.height <= height + 0.1
    # Sheets are cut evenly: the margins at both sides are the same, by less than a millimetre.
    assert abs((width - max(left for left, _top in corners) - layout.width) - layout.left) < 1


def test_a_sheet_begins_at_its_first_free_label():
    layout = FORMATS["a4-21"]

    first, second = pages(drawn([face(number) for number in range(1, 5)], layout, start=20), dpi=300)

    assert sorted(codes(first)) == [URL.format(1), URL.format(2)]
    assert sorted(codes(second)) == [URL.format(3), URL.format(4)]
    assert first.crop((0, 0, first.width, first.height * 4 // 5)).convert("L").getextrema() == (255, 255)


def test_text_that_is_too_long_is_shortened_and_never_leaves_its_label():
    layout = custom(40, 30)
    endless = "Maker " * 60
    many = [face(99999999, title=endless, lines=(endless, endless, endless), code="x" * 90)]

    (page,) = pages(drawn(many, layout, framed=False))

    grey = page.convert("L")
    assert grey.crop((page.width - 4, 0, page.width, page.height)).getextrema() == (255, 255)
    assert "…" in text_of(drawn(many, layout))
    assert "xxx" not in text_of(drawn(many, layout))


@pytest.mark.parametrize(
    ("text", "printed"),
    [("grün", "grün"), ("белый", "белый"), ("κόκκινο", "κόκκινο"), ("北京", "BeiJing"),
     ("fire 🔥!", "fire :fire:!"),
     ("a\u202eb\u200f\0c", "abc"), ("  two\nlines ", "two lines"), ("=<b>&", "=<b>&")],
)  # fmt: skip
def test_letters_that_the_font_lacks_are_spelled_out(text, printed):
    assert lettering.printable(text) == printed
    assert printed.replace(" ", "") in text_of(drawn([face(lines=(text,))], custom(100, 50))).replace(" ", "")


@pytest.mark.parametrize("text", ["أحمر", "שחור", "लाल", "👩‍🚀", "\U0010ffff", "\ufffd", "é" * 900])
def test_no_text_breaks_a_label(text):
    assert lettering.printable(text).isprintable()
    assert drawn([face(title=text, lines=(text,), code=text)], custom(50, 30)).startswith(b"%PDF")
