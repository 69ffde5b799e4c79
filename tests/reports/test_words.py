"""Values of reports in words: with their units, and how they differ from the time before."""

import pytest

from reports.renderers import csv
from reports.renderers.words import change_of, told
from reports.report import Column, Figure, Row, Section, Unit


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, Unit.SHARE, "–"), (0.1316, Unit.SHARE, "13.2 %"), (0.032, Unit.CHANGE, "+3.2 points"),
        (-0.1, Unit.BIAS, "−10.0 %"), (1234, Unit.COUNT, "1,234"), (0, Unit.COUNT, "0"),
        (3725, Unit.SECONDS, "1 h 02 min"), (1240, Unit.GRAMS, "1.24 kg"), (3, Unit.MONEY, "€3.00"),
        ("<b>", Unit.TEXT, "<b>"),
    ],
)  # fmt: skip
def test_a_value_is_told_with_its_unit(value, unit, words):
    assert told(value, unit, "EUR").replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("value", "before", "unit", "words", "tone"),
    [
        (0.13, 0.10, Unit.SHARE, "+3.0 points", "red"),
        (0.10, 0.13, Unit.SHARE, "−3.0 points", "green"),
        (0.10, 0.1000001, Unit.SHARE, "0.0 points", ""),
        (30, 20, Unit.COUNT, "+50.0 %", "red"),
        (30, 0, Unit.COUNT, "none before", ""),
        (0, 0, Unit.COUNT, "", ""),
        (30, None, Unit.COUNT, "", ""),
        (None, 0.1, Unit.SHARE, "", ""),
    ],
)
def test_a_change_is_told_in_points_or_per_cent_with_what_it_deserves(value, before, unit, words, tone):
    told_change, told_tone = change_of(Figure("bad", "Bad", value, unit, before, "bad"))

    assert (told_change.replace("\N{NO-BREAK SPACE}", " "), told_tone) == (words, tone)


def test_a_sheet_says_how_many_rows_were_left_out_before_its_totals():
    columns = [Column("file", "File", Unit.TEXT), Column("prints", "Prints")]
    long = Section("model", "By file", columns, [Row(("a.3mf", 2))], totals=("All", 9), more=3)

    assert csv.rows(long) == [["a.3mf", 2], ["and 3 more", None], ["All", 9]]
