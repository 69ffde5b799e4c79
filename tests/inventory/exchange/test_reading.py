"""Whatever program wrote the CSV, it is read right or refused in words."""

from decimal import Decimal

import pytest

from inventory.exchange import cells
from inventory.exchange.reading import MOST_BYTES, MOST_LINES, Unreadable, read_csv

TABLE = "material;colour's name;grams left\r\nPLA;grün;812,5\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_encodings_are_told_apart(encoding):
    sheet = read_csv(TABLE.encode(encoding))

    assert [line.cells for line in sheet.lines] == [
        {"material": "PLA", "color_name": "grün", "left_g": "812,5"}
    ]


def test_a_guessed_encoding_is_said_to_be_one():
    assert read_csv(TABLE.encode("latin-1")).notes
    assert not read_csv(TABLE.encode()).notes


@pytest.mark.parametrize(
    "data",
    [b"material\r\n\x81\x8d\x8f\x90\xff", b"\xff\xfem\x00a", b"material\nP\x00\x01\x02L", b"\xfe\xffabc"],
    ids=["undefined", "cut off", "binary", "odd"],
)
def test_what_is_no_text_is_refused_in_words(data):
    with pytest.raises(Unreadable) as refused:
        read_csv(data)

    assert "CSV UTF-8" in str(refused.value) or "names no column" in str(refused.value)


def test_a_workbook_is_named_as_one():
    with pytest.raises(Unreadable, match="workbook"):
        read_csv(b"PK\x03\x04" + b"\0" * 500)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_delimiters_are_told_apart(delimiter):
    text = delimiter.join(["Material", "BRAND", "lot"]) + "\n" + delimiter.join(["PLA", '"a;b,c\td"', "7"])

    (line,) = read_csv(text.encode()).lines

    assert line.cells == {"material": "PLA", "brand": "a;b,c\td", "lot": "7"}


def test_excels_separator_line_is_passed_over():
    (line,) = read_csv(b"sep=;\r\nmaterial;lot\r\nPLA;7\r\n").lines

    assert line.cells == {"material": "PLA", "lot": "7"}


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [("1234.5", "", "1234.5"), ("1234,5", "", "1234.5"), ("1.234,5", "", "1234.5"), ("1,234.5", "", "1234.5"),
     ("1 234,5", "", "1234.5"), ("1'234.5", "", "1234.5"), ("1.234.567", "", "1234567"),
     ("0,125", "", "0.125"),
     ("1,234", ".", "1234"), ("1,234", ",", "1.234"), ("750", "", "750"), ("-3.5", "", "-3.5")],
)  # fmt: skip
def test_decimal_comma_and_point_are_understood(text, mark, number):
    assert cells.decimal(text, mark) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["1,234", "1.000", "abc", "1e5", "NaN", "1..2", "1.234.5", "1,23,456.0", "--1", "9" * 40, "."]
)
def test_a_number_that_could_be_two_or_none_is_refused(text):
    with pytest.raises(cells.CellError):
        cells.decimal(text)


def test_the_other_numbers_of_the_file_tell_its_decimal_mark():
    assert read_csv(b"material;cost;grams left\nPLA;19,90;1,000").mark == ","
    assert read_csv(b"material,cost,left\nPLA,19.90,900").mark == "."
    assert read_csv(b"material;cost;left\nPLA;19,90;1.5").mark == ""


def test_lines_are_counted_as_a_spreadsheet_counts_them():
    sheet = read_csv(b'material,notes\n\nPLA,"two\nlines"\nABS,\n')

    assert [line.number for line in sheet.lines] == [3, 5]


def test_more_lines_than_are_taken_are_refused_before_they_are_looked_at():
    with pytest.raises(Unreadable, match="25,000 lines"):
        read_csv(b"material;colour's name\n" + "PLA;grün\n".encode("latin-1") * (MOST_LINES * 4))


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(Unreadable, match="8 MB"):
        read_csv(b"material\n" + b"P" * MOST_BYTES)


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "empty"), (b"\n\n", "empty"), (b"foo,bar\n1,2", "names no column"),
     (b"material,brand,vendor\nPLA,a,b", "mean the same"), (b"material;brand\nPLA;a;b;c", "Line 2"),
     (b"material\n" + b"x" * 200_000, "Line 2")],
)  # fmt: skip
def test_a_table_that_is_none_is_refused_in_words(data, words):
    with pytest.raises(Unreadable, match=words):
        read_csv(data)


def test_columns_that_mean_nothing_are_named():
    sheet = read_csv(b"material,shoe size,loaded_in\nPLA,42,Voron 1")

    assert sheet.unknown == ("shoe size",)
