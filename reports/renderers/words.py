"""A report's values in words."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from reports.report import Figure, Unit, Value
from ui import figures
from ui.figures import MINUS, NOTHING, SPACE

WORDS: dict[Unit, Callable[[Any], str]] = {
    Unit.COUNT: lambda value: figures.with_unit(figures.number(value) or figures.ZERO, 0, "").rstrip(SPACE),
    Unit.SHARE: lambda value: figures.percent(value, 1),
    Unit.CHANGE: lambda value: signed(float(value) * 100, _("points")),
    Unit.BIAS: lambda value: signed(float(value) * 100, "%"),
    Unit.GRAMS: figures.grams,
    Unit.SECONDS: figures.duration,
    Unit.KWH: lambda value: figures.with_unit(figures.number(value) or figures.ZERO, 1, "kWh"),
    Unit.QUANTITY: lambda value: figures.with_unit(figures.number(value) or figures.ZERO, 2, "").rstrip(
        SPACE
    ),
}
# Of what differences are told in points and not in per cent of the value before.
IN_POINTS = frozenset({Unit.SHARE, Unit.BIAS})
TONES = {("good", True): "green", ("good", False): "red", ("bad", True): "red", ("bad", False): "green"}


def told(value: Value, unit: Unit, currency: str) -> str:
    """The value as a person reads it, with its unit; a dash for none."""
    if value is None:
        return NOTHING
    if unit is Unit.MONEY:
        return figures.money(value, currency)
    if unit is Unit.TEXT or isinstance(value, str):
        return str(value)
    return WORDS[unit](value)


def signed(number: float, unit: str) -> str:
    """With its sign, a real minus, and one decimal: +1.2 points."""
    text = figures.with_unit(figures.number(abs(number)) or figures.ZERO, 1, unit)
    if round(number, 1) == 0:
        return text
    return f"{'+' if number > 0 else MINUS}{text}"


def change_of(one: Figure) -> tuple[str, str]:
    """How it differs from the period before, in words, and the tone it deserves; both may be empty."""
    now, before = figures.number(one.value), figures.number(one.before)
    if now is None or before is None:
        return "", ""
    by = float(now - before)
    if one.unit not in IN_POINTS and not before:
        return (_("none before"), "") if by else ("", "")
    percent = by * 100 if one.unit in IN_POINTS else by / float(before) * 100
    words = signed(percent, _("points") if one.unit in IN_POINTS else "%")
    # What is too little to be shown deserves no colour.
    return words, TONES.get((one.rising_is, by > 0), "") if round(percent, 1) else ""
