"""CSV that no spreadsheet works out."""

from decimal import Decimal

import pytest

from ui import sheets


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\N{NO-BREAK SPACE}=1", "＝1"]
)
def test_text_that_begins_like_a_formula_is_quoted(text):
    assert sheets.cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-1, Decimal("-3.20"), 0.5, "Rods", "a=b", ""])
def test_numbers_and_other_text_stay_as_they_are(value):
    assert sheets.cell(value) == value


def test_nothing_is_an_empty_cell_and_quotes_are_doubled():
    assert sheets.written(["A", "B"], [[None, 'say "x", y\nz']]) == 'A,B\r\n,"say ""x"", y\nz"\r\n'
