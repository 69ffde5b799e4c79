"""Small charts as plain numbers: one definition for the page, the print and the mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.functional import Promise

from .figures import NOTHING, number

RANGE = "\N{EN DASH}"


@dataclass(frozen=True)
class Series:
    """Values in the order of the chart's labels; None is a gap. `tone` is a colour token.

    `spans` are the low and high end of what each value may really be, `details` words beside it: "3 of 40".
    """

    name: str | Promise
    values: Sequence[float | None]
    tone: str = "accent"
    spans: Sequence[tuple[float, float] | None] = ()
    details: Sequence[str] = ()

    def told(self, at: int, unit: str) -> str:
        """A value in words, with its span and its details."""
        words = told(self.values[at], unit)
        if self.values[at] is None:
            return words
        if self.spans and (span := self.spans[at]):
            words += f" [{told(span[0], '')}{RANGE}{told(span[1], unit)}]"
        return f"{words} ({self.details[at]})" if self.details and self.details[at] else words


@dataclass(frozen=True)
class Chart:
    """`kind` is "line", "bar", "dots" or "heat". `note` says how many cases it shows.

    Bars of several series are stacked. Dots are of one series and lie one below the other, each on the span
    of its value; without spans they are bars. A heat map has a column for each label and a row for each
    series. `height` is for lines and bars.
    """

    title: str | Promise
    kind: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    note: str | Promise = ""
    height: int = 200

    @property
    def is_empty(self) -> bool:
        return not any(value is not None for one in self.series for value in one.values)

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table behind it: a label and each series' value, in words."""
        return [
            (label, [one.told(at, self.unit) for one in self.series]) for at, label in enumerate(self.labels)
        ]

    @property
    def summary(self) -> str:
        """What a reader hears: each series with its least, greatest and last value."""
        parts = []
        for one in self.series:
            values = [value for value in one.values if value is not None]
            if values:
                least, most, last = (
                    told(value, self.unit) for value in (min(values), max(values), values[-1])
                )
                parts.append(f"{one.name}: {least} – {most}; {last}")
        return ". ".join(parts)


def told(value: float | None, unit: str) -> str:
    exact = number(value)
    if exact is None:
        return NOTHING
    text = f"{exact:,.1f}".removesuffix(".0")
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def steps(most: float, count: int = 4) -> list[float]:
    """Round values from zero to at least `most`, about `count` of them: 0, 25, 50, 75, 100."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / count
    size = 10.0 ** floor(log10(rough))
    step = next(size * nice for nice in (1, 2, 2.5, 5, 10) if size * nice >= rough * 0.999)
    return [step * at for at in range(ceil(most / step - 0.001) + 1)]
