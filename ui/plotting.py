"""Draws ui/charts.py's charts as SVG; colours by class and tone, so that themes and print choose them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .charts import Chart, steps, told
from .figures import NOTHING
from .plotting_rows import draw_dots, draw_heat

WIDTH = 640
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 24
LETTER = 6.8
LABEL_GAP = 14
DASHES = ("", "is-second", "is-third")
BY_ROWS = {"dots": draw_dots, "heat": draw_heat}

Point = tuple[float, float | None]


@dataclass(frozen=True)
class Field:
    """Where values fall: `count` places from left to right, zero up to `top`; `right` is left for labels."""

    count: int
    top: float
    height: int
    right: float = RIGHT

    @property
    def pitch(self) -> float:
        return (WIDTH - LEFT - self.right) / max(1, self.count)

    def x(self, at: float) -> float:
        return LEFT + (at + 0.5) * self.pitch

    def y(self, value: float) -> float:
        return self.height - BOTTOM - max(0.0, value) / self.top * (self.height - BOTTOM - TOP)


def draw(chart: Chart) -> SafeString:
    """The chart with its title, a summary for readers, and labels beside the lines."""
    if chart.kind in BY_ROWS:
        return BY_ROWS[chart.kind](chart)
    scale = steps(_most(chart))
    right = RIGHT
    if chart.kind == "line":
        right = 16 + ceil(LETTER * max((len(str(one.name)) for one in chart.series), default=0))
    field = Field(len(chart.labels), scale[-1], chart.height, right)
    body = _bars(chart, field) if chart.kind == "bar" else _lines(chart, field)
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}{}{}</svg>',
        WIDTH,
        chart.height,
        chart.title,
        chart.summary,
        _grid(scale, field),
        _names(chart.labels, field),
        body,
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


def _grid(scale: Sequence[float], field: Field) -> SafeString:
    rows = ((value, f"{field.y(value):.1f}", f"{field.y(value) + 4:.1f}") for value in scale)
    return format_html_join(
        "",
        '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="chart-text is-end" x="{}" y="{}">{}</text>',
        (
            (
                "chart-grid" if value else "chart-axis",
                LEFT,
                WIDTH - field.right,
                y,
                y,
                LEFT - 6,
                below,
                told(value, ""),
            )
            for value, y, below in rows
        ),
    )


def _names(labels: Sequence[str], field: Field) -> SafeString:
    """Labels below, thinned out so that they never touch."""
    longest = max((len(label) for label in labels), default=1)
    every = max(1, ceil((longest * LETTER + 12) / field.pitch))
    return format_html_join(
        "",
        '<text class="chart-text is-middle" x="{}" y="{}">{}</text>',
        (
            (f"{field.x(at):.1f}", field.height - 7, label)
            for at, label in enumerate(labels)
            if at % every == 0
        ),
    )


def _bars(chart: Chart, field: Field) -> SafeString:
    width = field.pitch * 0.72
    bars = []
    for at, label in enumerate(chart.labels):
        base = 0.0
        for one in chart.series:
            value = max(0.0, one.values[at] or 0)
            upper, lower = field.y(base + value), field.y(base)
            base += value
            if value:
                left, height = f"{field.x(at) - width / 2:.1f}", f"{max(1.0, lower - upper - 0.8):.1f}"
                words = f"{label}, {one.name}: {told(value, chart.unit)}"
                bars.append((one.tone, left, f"{upper:.1f}", f"{width:.1f}", height, words))
    return format_html_join(
        "",
        '<rect class="chart-bar" data-tone="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5">'
        "<title>{}</title></rect>",
        bars,
    )


def _lines(chart: Chart, field: Field) -> SafeString:
    drawn = []
    for order, one in enumerate(chart.series):
        points = [
            (field.x(at), None if value is None else field.y(value)) for at, value in enumerate(one.values)
        ]
        last = next(((x, y) for x, y in reversed(points) if y is not None), None)
        if last:
            drawn.append((one, DASHES[order % 3], _path(points), *last))
    heights = _apart([y for *_line, y in drawn])
    return format_html_join(
        "",
        '<g data-tone="{}"><path class="chart-line {}" d="{}"/>'
        '<circle class="chart-dot" cx="{}" cy="{}" r="4"/>'
        '<text class="chart-label" x="{}" y="{}">{}</text></g>',
        (
            (one.tone, dash, path, f"{x:.1f}", f"{y:.1f}", f"{x + 10:.1f}", f"{height + 4:.1f}", one.name)
            for (one, dash, path, x, y), height in zip(drawn, heights, strict=True)
        ),
    )


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights, moved up where labels would lie upon one another."""
    moved = list(heights)
    ceiling = float("inf")
    for at in sorted(range(len(heights)), key=lambda one: -heights[one]):
        moved[at] = min(heights[at], ceiling - LABEL_GAP)
        ceiling = moved[at]
    return moved


def _path(points: Sequence[Point]) -> str:
    """Path data; a missing point lifts the pen."""
    parts, is_down = [], False
    for x, y in points:
        if y is not None:
            parts.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        is_down = y is not None
    return "".join(parts)
