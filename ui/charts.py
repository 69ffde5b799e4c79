"""Small line and bar charts as plain numbers: one definition for the page, the print and the mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .figures import NOTHING, number
from .marks import Mark

WIDTH = 640
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 24
DASHES = ("", "is-second", "is-third")


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


def series_of(mark: Mark, values: Sequence[float | None]) -> Series:
    """A series of a state: its word and its tone."""
    return Series(mark.word, values, mark.tone)


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


def draw(chart: Chart) -> SafeString:
    """The chart as SVG with its title, a summary for readers, and labels beside the lines."""
    scale = steps(_most(chart))
    body = [_grid(scale, chart.height), _names(chart)]
    body.append(_bars(chart, scale[-1]) if chart.kind == "bar" else _lines(chart, scale[-1]))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        WIDTH,
        chart.height,
        chart.title,
        chart.summary,
        format_html_join("", "{}", ((part,) for part in body)),
    )


def spark(values: Sequence[float | None], tone: str = "accent", label: str = "") -> SafeString:
    """A line without axes, 96 by 24, for a table's cell."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return format_html('<span class="muted">{}</span>', NOTHING)
    least, span = min(known), (max(known) - min(known)) or 1.0
    points = [
        (2 + at * 92 / (len(values) - 1), None if value is None else 21 - (value - least) / span * 18)
        for at, value in enumerate(values)
    ]
    return format_html(
        '<svg class="spark" data-tone="{}" viewBox="0 0 96 24" role="img" aria-label="{}">'
        '<path class="chart-line" d="{}"/></svg>',
        tone,
        f"{label} {told(known[-1], '')}".strip(),
        _path(points),
    )


def _most(chart: Chart) -> float:
    if chart.kind == "bar":
        sums = (sum(max(0.0, one.values[at] or 0) for one in chart.series) for at in range(len(chart.labels)))
        return max(sums, default=0)
    return max((value for one in chart.series for value in one.values if value is not None), default=0)


def _y(value: float, top: float, height: int) -> float:
    return height - BOTTOM - max(0.0, value) / top * (height - BOTTOM - TOP)


def _x(at: float, count: int) -> float:
    return LEFT + (at + 0.5) * (WIDTH - LEFT - RIGHT) / max(1, count)


def _grid(scale: Sequence[float], height: int) -> SafeString:
    rows = (("chart-grid" if value else "chart-axis", value, _y(value, scale[-1], height)) for value in scale)
    return format_html_join(
        "",
        '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="chart-text is-end" x="{}" y="{}">{}</text>',
        (
            (css, LEFT, WIDTH - RIGHT, f"{y:.1f}", f"{y:.1f}", LEFT - 6, f"{y + 4:.1f}", told(value, ""))
            for css, value, y in rows
        ),
    )


def _names(chart: Chart) -> SafeString:
    """Labels below, thinned out so that they never touch."""
    longest = max((len(label) for label in chart.labels), default=1)
    every = max(1, ceil(len(chart.labels) * (longest * 6.5 + 12) / (WIDTH - LEFT - RIGHT)))
    return format_html_join(
        "",
        '<text class="chart-text is-middle" x="{}" y="{}">{}</text>',
        (
            (f"{_x(at, len(chart.labels)):.1f}", chart.height - 7, label)
            for at, label in enumerate(chart.labels)
            if at % every == 0
        ),
    )


def _bars(chart: Chart, top: float) -> SafeString:
    count = len(chart.labels)
    width = (WIDTH - LEFT - RIGHT) / max(1, count) * 0.72
    bars = []
    for at, label in enumerate(chart.labels):
        base = 0.0
        for one in chart.series:
            value = max(0.0, one.values[at] or 0)
            upper, lower = _y(base + value, top, chart.height), _y(base, top, chart.height)
            base += value
            if value:
                words = f"{label}, {one.name}: {told(value, chart.unit)}"
                bars.append((one.tone, f"{_x(at, count) - width / 2:.1f}", f"{upper:.1f}", f"{width:.1f}",
                             f"{max(1.0, lower - upper - 0.8):.1f}", words))  # fmt: skip
    return format_html_join(
        "",
        '<rect class="chart-bar" data-tone="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5">'
        "<title>{}</title></rect>",
        bars,
    )


def _lines(chart: Chart, top: float) -> SafeString:
    count = len(chart.labels)
    parts = []
    for order, one in enumerate(chart.series):
        points = [
            (_x(at, count), None if value is None else _y(value, top, chart.height))
            for at, value in enumerate(one.values)
        ]
        last = next(((x, y) for x, y in reversed(points) if y is not None), None)
        if last:
            parts.append((one.tone, DASHES[order % 3], _path(points), f"{last[0]:.1f}", f"{last[1]:.1f}",
                          WIDTH - RIGHT, f"{max(TOP, last[1] - 8):.1f}", one.name))  # fmt: skip
    return format_html_join(
        "",
        '<g data-tone="{}"><path class="chart-line {}" d="{}"/>'
        '<circle class="chart-dot" cx="{}" cy="{}" r="4"/>'
        '<text class="chart-label is-end" x="{}" y="{}">{}</text></g>',
        parts,
    )


def _path(points: Sequence[tuple[float, float | None]]) -> str:
    """Path data; a missing point lifts the pen."""
    parts, is_down = [], False
    for x, y in points:
        if y is not None:
            parts.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        is_down = y is not None
    return "".join(parts)
