"""The page that makes labels."""

import pypdfium2
import pytest
import zxingcpp

from inventory.labels import sheets
from inventory.loading import load
from tests.factories.inventory import make_filament, make_spool
from tests.factories.printers import make_printer

LABELS = "/o/acme/filament/labels/"


def codes(answer, dpi=300):
    assert answer["Content-Type"] == "application/pdf", answer.text
    document = pypdfium2.PdfDocument(answer.content)
    found = [zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil()) for page in document]
    document.close()
    return [sorted(code.text for code in page) for page in found]


def link(spool):
    return f"http://testserver/o/acme/s/{spool.number}/"


def test_labels_are_for_what_the_list_shows(acme, sign_in):
    wanted = make_spool(make_filament("ABS"))
    make_spool()

    answer = sign_in("viewer").post(f"{LABELS}?material=ABS", {"layout": "a4-21"})

    assert codes(answer) == [[link(wanted)]]


def test_labels_are_for_the_chosen_rows_alone_archived_or_not(acme, sign_in):
    one, other = make_spool(), make_spool(archived_at="2026-01-01T00:00:00Z")
    make_spool()

    rows = [str(one.pk), str(other.pk), "nonsense"]
    answer = sign_in("viewer").post(LABELS, {"layout": "62x29", "row": rows})

    assert codes(answer) == [[link(one)], [link(other)]]


def test_a_chosen_size_is_remembered(acme, sign_in):
    client, spool = sign_in("viewer"), make_spool()

    answer = client.post(LABELS, {"layout": "custom", "width": "45", "height": "20", "row": str(spool.pk)})

    assert codes(answer) == [[link(spool)]]
    page = client.get(f"{LABELS}?row={spool.pk}").text
    assert '<option value="custom" selected>' in page
    assert 'value="45.0"' in page


@pytest.mark.parametrize(
    ("said", "words"),
    [({"layout": "custom"}, "Give from 25 to 210 mm."),
     ({"layout": "custom", "width": "nan", "height": "1e9"}, "Height"),
     ({"layout": "a4-21", "start": "22"}, "There are 21 labels on this sheet."),
     ({"layout": "a4-21", "start": "0"}, "1"),
     ({"layout": "nothing"}, "nothing")],
)  # fmt: skip
def test_a_label_that_can_not_be_is_refused_in_words(acme, sign_in, said, words):
    make_spool()

    answer = sign_in("viewer").post(LABELS, said)

    assert (answer.status_code, words in answer.text) == (422, True)


def test_too_many_at_a_time_are_refused(acme, sign_in, monkeypatch):
    monkeypatch.setattr("inventory.pages.labels.MOST", 1)
    make_spool(), make_spool()

    answer = sign_in("viewer").post(LABELS, {"layout": "62x29"})

    assert (answer.status_code, "at most 1" in answer.text) == (422, True)
    assert sheets.MOST == 1000


def test_the_page_says_where_the_codes_lead(acme, sign_in):
    load(make_spool(), make_printer().slots.get())

    far = sign_in("viewer").get(LABELS).text
    near = sign_in("viewer").get(LABELS, headers={"host": "localhost"}).text

    assert "http://testserver/o/acme/s/" in far
    assert "Phones can" not in far
    assert "Phones can" in near
