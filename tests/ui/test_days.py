"""Days in an address: whole ones, by the clock on the wall, and what is none is left out."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone

from ui.days import asked, midnight


def test_both_days_are_included_in_the_zone_in_use() -> None:
    with timezone.override("Europe/Berlin"):
        days = asked(QueryDict("from=2026-10-25&to=2026-10-25"))

        assert days is not None
        assert days.start == datetime(2026, 10, 24, 22, tzinfo=UTC)
        assert days.end == datetime(2026, 10, 25, 23, tzinfo=UTC)
        assert days.words == "25 Oct 2026"


def test_either_end_may_be_open() -> None:
    days = asked(QueryDict("to=2026-03-31"))

    assert days is not None
    assert days.start is None
    assert days.words == "until 31 Mar 2026"


@pytest.mark.parametrize("query", ["", "from=x", "from=0001-01-01", "to=9999-12-31", "from=2026-02-30"])
def test_what_is_no_day_narrows_nothing(query: str) -> None:
    assert asked(QueryDict(query)) is None


def test_of_two_midnights_the_day_begins_with_the_first() -> None:
    # In Havana the clocks go back from 01:00 to 00:00.
    assert midnight(date(2026, 11, 1), ZoneInfo("America/Havana")) == datetime(2026, 11, 1, 4, tzinfo=UTC)
