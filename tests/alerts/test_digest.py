"""What a digest says: grouped, counted, at most fifty lines, and safe whatever names say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.digest import MOST_LINES, Letterhead, Told, compose, grouped, isolated, one_line

BEGIN = datetime(2026, 11, 26, 1, tzinfo=UTC)
HEAD = Letterhead("Acme", "acme", "https://odin.test/o/acme/alerts/", "en", ZoneInfo("Asia/Kathmandu"))


def told(title="Marlin 3 is offline", minutes=0, **more):
    at = BEGIN + timedelta(minutes=minutes)
    usual = {
        "kind": "printer.offline", "severity": "warning", "detail": "", "at": at, "last_at": at, "count": 1,
        "thing": title, "url": "https://odin.test/",
    }  # fmt: skip
    return Told(title=title, **{**usual, **more})


def test_a_printer_that_went_offline_fourteen_times_is_one_line_that_says_so():
    message = compose("1", [told(minutes=n) for n in range(14)], HEAD, was_quiet=True)

    (line,) = message.lines
    assert (line.title, line.count) == ("Marlin 3 is offline", 14)
    assert message.subject == "Marlin 3 is offline, 14 times"


def test_counts_of_alerts_that_came_again_are_added():
    assert [one.count for one in grouped([told(count=5), told(minutes=1, count=9)])] == [14]


def test_kinds_and_things_are_lines_of_their_own_the_open_and_grave_first():
    message = compose(
        "1",
        [
            told("A is offline", 1, over="Over since 03:00."),
            told("B needs you", 2, kind="printer.needs_you"),
            told("C is on fire", 0, severity="critical"),
            told("D is printed", 3, severity="info"),
            told("E is offline", 4),
        ],
        HEAD,
        was_quiet=True,
    )

    assert [line.title[0] for line in message.lines] == ["C", "E", "B", "D", "A"]
    assert message.subject == "5 alerts while it was quiet, 1 of them over"


def test_one_that_is_open_again_is_not_told_as_over():
    (one,) = grouped([told(over="Over since 03:00."), told(minutes=5)])

    assert (one.over, one.count) == ("", 2)


def test_when_all_is_over_the_subject_says_so():
    over = [told(f"{n} is offline", over="Over.") for n in range(3)]

    assert compose("1", over, HEAD, was_quiet=True).subject == "3 alerts while it was quiet, all of them over"
    assert compose("1", over[:1], HEAD).subject == "Over: 0 is offline"


@pytest.mark.parametrize(
    ("number", "last"), [(50, "is offline"), (51, "and 2 more"), (5000, "and 4951 more")]
)
def test_at_most_fifty_lines_and_the_last_says_how_many_more_and_where(number, last):
    message = compose("1", [told(f"{n} is offline") for n in range(number)], HEAD)

    assert len(message.lines) == MOST_LINES
    assert message.lines[-1].title.endswith(last)
    if number > 50:
        assert message.lines[-1].url == HEAD.url
    assert message.subject == f"{number} alerts"


def test_times_are_in_the_readers_zone():
    (line,) = compose("1", [told()], HEAD).lines

    assert f"{line.at:%H:%M}" == "06:45"


@pytest.mark.parametrize(
    "name", ["a\r\nBcc: b@c.d", "a\u2028Bcc: b", "a\x85b\x0bc\x00d", "\u202eexe.gnp", "x\u2066y", "🖨️\u200d🔥"]
)
def test_no_name_breaks_a_line_or_turns_what_follows(name):
    message = compose("1", [told(name, detail=name)], HEAD)

    for text in (message.subject, message.lines[0].title, message.lines[0].detail):
        assert len(text.splitlines()) == 1
        assert not set(text) & set("\r\n\x00\u2028\u202e\u2066")
    assert "🔥" not in name or "🖨️\u200d🔥" in message.subject


def test_text_of_the_other_direction_is_isolated_and_plain_text_is_left_alone():
    assert isolated("מדפסת 3") == "\u2068מדפסת 3\u2069"
    assert isolated("Voron 3") == "Voron 3"
    assert one_line("  a \n b ") == "a b"


def test_the_longest_title_stays_whole():
    title = "ט" * 200

    assert compose("1", [told(title)], HEAD).subject == isolated(title)
