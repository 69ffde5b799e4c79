"""Times that people type, where the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from jobs.moments import MomentField


@pytest.fixture(autouse=True)
def berlin():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        yield


def test_a_time_in_the_hour_that_does_not_exist_is_refused_with_what_was_meant():
    with pytest.raises(ValidationError, match="Did you mean 03:30"):
        MomentField().clean("2027-03-28T02:30")


def test_a_time_that_comes_twice_is_the_first_of_them():
    assert MomentField().clean("2027-10-31T02:30") == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"), [("2027-03-28T01:59", 0), ("2027-03-28T03:00", 1), ("2027-07-01T12:00", 10)], ids=str
)
def test_other_times_are_of_the_organisation(text, hour):
    assert MomentField().clean(text).astimezone(UTC).hour == hour


@pytest.mark.parametrize("text", ["soon", "2027-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_rubbish_and_the_ends_of_time_are_refused(text):
    with pytest.raises(ValidationError):
        MomentField().clean(text)


def test_the_page_says_so_by_the_field(shop, sign_in, acme):
    job = shop.job()

    answer = sign_in("viewer").post(
        f"/o/acme/queue/{job.pk}/edit/", {"priority": 20, "due_at": "2027-03-28T02:30", "notes": ""}
    )

    assert acme.time_zone == "Europe/Berlin"
    assert answer.status_code == 422
    assert "this time does not exist" in answer.text
