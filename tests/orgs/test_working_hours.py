"""Working hours: what people may write, and when somebody is there, also where the clocks change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from orgs.working_hours import DAYS, Opening, parse, written

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in DAYS[:5]}


def at(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


def opening(hours: dict, begin: str) -> Opening:
    return Opening(hours, BERLIN, datetime.fromisoformat(begin).replace(tzinfo=BERLIN))


def test_what_is_written_is_kept_sorted_and_comes_back_as_text():
    read = parse("13:00-17:00, 8:00 – 12:00")

    assert read == [["08:00", "12:00"], ["13:00", "17:00"]]
    assert written(read) == "08:00-12:00, 13:00-17:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from eight", "Write ranges"),
        ("8-12", "Write ranges"),
        ("08:00-24:01", "24:00"),
        ("08:61-12:00", "24:00"),
        ("99:00-99:30", "24:00"),
        ("12:00-08:00", "must end after"),
        ("22:00-22:00", "must end after"),
        ("08:00-12:00, 11:00-13:00", "overlap"),
        (", ".join(f"{n:02}:00-{n:02}:30" for n in range(10)), "At most 6"),
        ("08:00-12:00" * 5000, "Write ranges"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_with_what_to_write(text, words):
    with pytest.raises(ValidationError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("moment", "next_at"),
    [
        ("2026-06-01 09:00", "2026-06-01 09:00"),
        ("2026-06-01 12:00", "2026-06-01 13:00"),
        ("2026-06-01 07:59", "2026-06-01 08:00"),
        ("2026-06-05 17:00", "2026-06-08 08:00"),
        ("2026-06-07 03:00", "2026-06-08 08:00"),
    ],
    ids=["within", "at lunch", "early", "Friday evening", "Sunday"],
)
def test_the_next_moment_when_somebody_is_there(moment, next_at):
    assert opening(WEEK, "2026-06-01 06:00").next(at(moment)) == at(next_at)


def test_no_hours_at_all_mean_always():
    always = opening({}, "2026-06-01 06:00")

    assert always.always
    assert always.next(5.0) == 5.0


def test_a_range_to_midnight_goes_on_the_next_day():
    night = opening({day: [["00:00", "24:00"]] for day in DAYS}, "2026-06-01 06:00")

    assert night.next(at("2026-06-01 23:59")) == at("2026-06-01 23:59")
    assert night.next(at("2026-06-02 00:00")) == at("2026-06-02 00:00")


def test_in_spring_a_day_of_work_keeps_its_clock_and_loses_no_hour():
    hours = {"sun": [["08:00", "17:00"]], "sat": [["08:00", "17:00"]]}
    spring = opening(hours, "2026-03-28 00:00")

    saturday, sunday = spring.spans[:2]

    assert sunday[0] == at("2026-03-29 08:00")
    assert sunday[0] - saturday[0] == timedelta(hours=23).total_seconds()
    assert sunday[1] - sunday[0] == timedelta(hours=9).total_seconds()


def test_in_autumn_the_day_begins_25_hours_after_the_one_before():
    autumn = opening({"sat": [["08:00", "17:00"]], "sun": [["08:00", "17:00"]]}, "2026-10-24 00:00")

    saturday, sunday = autumn.spans[:2]

    assert sunday[0] - saturday[0] == timedelta(hours=25).total_seconds()


@pytest.mark.parametrize(
    ("written_as", "begins", "ends"),
    [
        ([["02:30", "04:00"]], "2026-03-29 03:00", "2026-03-29 04:00"),
        ([["01:00", "02:30"]], "2026-03-29 01:00", "2026-03-29 03:00"),
    ],
    ids=["begins in the gap", "ends in the gap"],
)
def test_hours_that_touch_the_gap_of_spring_are_cut_at_it(written_as, begins, ends):
    spans = opening({"sun": written_as}, "2026-03-29 00:00").spans

    assert spans[0] == (at(begins), at(ends))


def test_hours_wholly_within_the_gap_do_not_exist_that_day():
    spans = opening({"sun": [["02:10", "02:50"]]}, "2026-03-29 00:00").spans

    assert spans[0] == (at("2026-04-05 02:10"), at("2026-04-05 02:50"))


def test_an_hour_that_comes_twice_is_worked_twice():
    spans = opening({"sun": [["02:00", "03:00"]]}, "2026-10-25 00:00").spans

    assert spans[0][1] - spans[0][0] == timedelta(hours=2).total_seconds()


def test_settings_keep_the_hours_and_the_weight(acme, sign_in):
    client = sign_in("admin")
    form = {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR", "fair_share": "30"}

    client.post("/o/acme/settings/", form | {"hours_mon": "8:00-12:00, 13:00-17:00"})

    acme.refresh_from_db()
    assert acme.working_hours == {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}
    assert acme.fair_share == 30
    assert "08:00-12:00, 13:00-17:00" in client.get("/o/acme/settings/").text


def test_settings_refuse_unsound_hours_by_their_field(acme, sign_in):
    form = {"name": "Acme", "time_zone": "Europe/Berlin", "currency": "EUR", "fair_share": "101"}

    answer = sign_in("admin").post("/o/acme/settings/", form | {"hours_tue": "late"})

    acme.refresh_from_db()
    assert answer.status_code == 422
    assert "Write ranges like" in answer.text
    assert acme.working_hours == {}
