"""Small line and bar charts as plain numbers: one definition for the page, the print and the mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.functional import Promise

from .figures import NOTHING, number


@dataclass(frozen=True)
class Series:
    """Values in the order of the chart's labels; None is a gap. `tone` is a colour token."""

    name: str | Promise
    values: Sequence[float | None]
    tone: str = "accent"


@dataclass(frozen=True)
class Chart:
    """`kind` is "line" or "bar". Bars of several series are stacked. `note` says how many cases it shows."""

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
            (label, [told(one.values[at], self.unit) for one in self.series])
            for at, label in enumerate(self.labels)
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
