"""Draws charts that are read row by row: dots with the span of their value, and heat maps."""

from collections.abc import Callable, Iterator, Sequence
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .charts import Chart, Series, steps, told

WIDTH, WIDTH_OF_DOTS = 640, 480
LETTER = 6.8
LONGEST = 26
ROW, HEAD, FOOT, RIGHT = 22, 6, 24, 12
CELL, NAME = 22, 44
# The strongest colour still lets the figure on it be read.
PALE, STRONG = 0.04, 0.55


def shortened(label: str) -> str:
    """As much of a label as has room; the whole is in its title and in the table."""
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def draw_dots(chart: Chart) -> SafeString:
    """A row for each label: its value as a dot on the line of its span, or without spans as a bar."""
    one = next(iter(chart.series), Series("", []))
    left = min(LONGEST, max((len(label) for label in chart.labels), default=0)) * LETTER + 14
    ends = [span[1] for span in one.spans if span] + [value for value in one.values if value is not None]
    scale = steps(max(ends, default=0))
    height = HEAD + ROW * len(chart.labels) + FOOT
    per = (WIDTH_OF_DOTS - left - RIGHT - 40) / scale[-1]

    def x(value: float) -> str:
        return f"{left + max(0.0, value) * per:.1f}"

    grid = format_html_join(
        "",
        '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="chart-text is-middle" x="{}" y="{}">{}</text>',
        (
            (
                "chart-grid" if at else "chart-axis",
                x(value),
                x(value),
                HEAD,
                height - FOOT,
                x(value),
                height - 7,
                told(value, ""),
            )
            for at, value in enumerate(scale)
        ),
    )
    rows = format_html_join("", '<g data-tone="{}"><title>{}</title>{}</g>', _dots(chart, left, x))
    return _framed(chart, (WIDTH_OF_DOTS, height), format_html("{}{}", grid, rows))


def _dots(chart: Chart, left: float, x: Callable[[float], str]) -> Iterator[tuple[str, str, SafeString]]:
    one = next(iter(chart.series), Series("", []))
    for at, label in enumerate(chart.labels):
        middle = HEAD + ROW * at + ROW / 2
        value, span = one.values[at], one.spans[at] if one.spans else None
        parts = [
            format_html(
                '<text class="chart-text is-end is-name" x="{}" y="{}">{}</text>',
                f"{left - 8:.1f}", f"{middle + 4:.1f}", shortened(label),
            )
        ]  # fmt: skip
        if span:
            parts.append(
                format_html(
                    '<line class="chart-span" x1="{}" x2="{}" y1="{}" y2="{}"/>',
                    x(span[0]), x(span[1]), f"{middle:.1f}", f"{middle:.1f}",
                )
            )  # fmt: skip
        if value is not None:
            parts.append(_dot(x(value), middle) if one.spans else _bar(left, x(value), middle, value))
        yield (
            one.tone,
            f"{label}: {one.told(at, chart.unit)}",
            format_html_join("", "{}", ((p,) for p in parts)),
        )


def _dot(at: str, middle: float) -> SafeString:
    return format_html('<circle class="chart-dot" cx="{}" cy="{}" r="5"/>', at, f"{middle:.1f}")


def _bar(left: float, right: str, middle: float, value: float) -> SafeString:
    """A bar from zero with its value beside it."""
    return format_html(
        '<rect class="chart-bar" x="{}" y="{}" width="{}" height="12" rx="1.5"/>'
        '<text class="chart-text" x="{}" y="{}">{}</text>',
        f"{left:.1f}",
        f"{middle - 6:.1f}",
        f"{max(1.0, float(right) - left):.1f}",
        f"{float(right) + 5:.1f}",
        f"{middle + 4:.1f}",
        told(value, ""),
    )


def draw_heat(chart: Chart) -> SafeString:
    """A row for each series, a cell for each label with its rounded value on a colour as strong as it is."""
    width = (WIDTH - NAME - 4) / max(1, len(chart.labels))
    most = max((value for one in chart.series for value in one.values if value is not None), default=0)
    height = HEAD + CELL * len(chart.series) + FOOT
    every = max(1, ceil((max((len(label) for label in chart.labels), default=0) * LETTER + 6) / width))
    names = format_html_join(
        "",
        '<text class="chart-text is-end is-name" x="{}" y="{}">{}</text>',
        ((NAME - 8, f"{HEAD + CELL * at + 15:.1f}", one.name) for at, one in enumerate(chart.series)),
    )
    labels = format_html_join(
        "",
        '<text class="chart-text is-middle" x="{}" y="{}">{}</text>',
        (
            (f"{NAME + width * (at + 0.5):.1f}", height - 7, label)
            for at, label in enumerate(chart.labels)
            if at % every == 0
        ),
    )
    cells = format_html_join(
        "",
        '<g data-tone="{}"><title>{}</title><rect class="chart-cell" x="{}" y="{}" width="{}" height="{}" '
        'rx="2" fill-opacity="{}"/><text class="chart-cell-text" x="{}" y="{}">{}</text></g>',
        _cells(chart, width, most),
    )
    return _framed(chart, (WIDTH, height), format_html("{}{}{}", names, labels, cells))


def _cells(chart: Chart, width: float, most: float) -> Iterator[Sequence[object]]:
    for row, one in enumerate(chart.series):
        top = HEAD + CELL * row
        for at, value in enumerate(one.values):
            if value is None:
                continue
            share = value / most if most > 0 else 0.0
            yield (
                one.tone,
                f"{one.name} {chart.labels[at]}: {one.told(at, chart.unit)}",
                f"{NAME + width * at + 0.5:.1f}",
                top,
                f"{width - 1:.1f}",
                CELL - 1,
                f"{PALE + (STRONG - PALE) * share:.2f}",
                f"{NAME + width * (at + 0.5):.1f}",
                top + 15,
                f"{value:.0f}",
            )


def _framed(chart: Chart, size: tuple[int, int], body: SafeString) -> SafeString:
    return format_html(
        '<svg class="is-{}" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        chart.kind,
        *size,
        chart.title,
        chart.summary,
        body,
    )
