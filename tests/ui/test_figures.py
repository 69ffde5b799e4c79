from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from ui import figures

NOW = datetime(2026, 11, 25, 15, 40, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)
    with timezone.override("Europe/Berlin"), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "–"),
        ("nonsense", "–"),
        (float("nan"), "–"),
        (float("inf"), "–"),
        (True, "–"),
        (0, "0 g"),
        (3.46, "3.5 g"),
        (248, "248 g"),
        (999.6, "1.00 kg"),
        (Decimal("1240"), "1.24 kg"),
        (-12, "−12 g"),
        (-0.01, "0.0 g"),
        ("1e300", "1.00e+297 kg"),
        (10**12, "1,000,000,000.00 kg"),
    ],
)
def test_mass_is_told_in_grams_then_kilograms(value, told) -> None:
    assert plain(figures.grams(value)) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "–"),
        (0, "0 s"),
        (-0.4, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (7500, "2 h 05 min"),
        (timedelta(hours=76), "3 d 04 h"),
        (-7500, "−2 h 05 min"),
        (10**9, "11574 d 01 h"),
    ],
)
def test_time_spans_are_told_in_two_units(value, told) -> None:
    assert plain(figures.duration(value)) == told


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (None, "–"),
        (NOW, "16:40"),
        (NOW + timedelta(hours=8), "Thu 00:40"),
        (NOW - timedelta(days=6), "Thu 16:40"),
        (NOW - timedelta(days=22), "3 Nov 16:40"),
        (NOW - timedelta(days=400), "21 Oct 2025 17:40"),
    ],
)
def test_a_clock_tells_as_much_of_the_date_as_is_needed_in_the_zone(when, told) -> None:
    assert figures.clock(when) == told


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=5), "in 5 min"),
        (timedelta(hours=2, minutes=5), "in 2 h 05 min"),
        (timedelta(hours=13, minutes=2), "in 13 h"),
        (timedelta(days=1, hours=3), "in 1 day"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(days=-3), "3 days ago"),
    ],
)
def test_relative_time_says_which_side_of_now(ahead, told) -> None:
    assert plain(figures.relative(NOW + ahead)) == told


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        (None, "EUR", "–"),
        (Decimal("12.4"), "EUR", "€12.40"),
        (9, "CHF", "9.00 CHF"),
        (1234567, "jpy", "¥1,234,567"),
        (-3, "USD", "−$3.00"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount, currency, told) -> None:
    assert plain(figures.money(amount, currency)) == told


def test_the_sign_follows_the_amount_in_german() -> None:
    with translation.override("de"):
        assert plain(figures.money(Decimal("12.4"), "EUR")) == "12,40 €"


@pytest.mark.parametrize(
    ("share", "places", "told"),
    [
        (None, 0, "–"),
        (0, 0, "0 %"),
        (0.42, 0, "42 %"),
        (0.001, 0, "<1 %"),
        (0.999, 0, "99 %"),
        (1, 0, "100 %"),
        (1.2, 0, "120 %"),
        (-0.05, 0, "−5 %"),
        (0.0312, 1, "3.1 %"),
        (0.9999, 1, "99.9 %"),
    ],
)
def test_per_cent_never_rounds_to_none_or_to_all(share, places, told) -> None:
    assert plain(figures.percent(share, places)) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [(None, "–"), (0, "0 B"), (812, "812 B"), (4_200_000, "4.2 MB"), (10**18, "1,000,000 TB")],
)
def test_bytes_are_told_in_decimal_units(count, told) -> None:
    assert plain(figures.size(count)) == told


def test_german_readers_get_a_decimal_comma() -> None:
    with translation.override("de"):
        told = figures.grams(1240)

    assert plain(told) == "1,24 kg"
