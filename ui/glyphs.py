"""The shapes of marks, each told from the others by its outline alone; on a box of 20 by 20."""

from math import pi

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

RADIUS = 7.0

_RING = '<circle cx="10" cy="10" r="7" class="glyph-line"/>'
_PLATE = '<path class="glyph-line" d="M2.5 16h15"/>'

SHAPES = {
    "triangle": '<path class="glyph-fill glyph-round" d="M10 3 17.8 16.6H2.2Z"/>'
    '<path class="glyph-cut" d="M10 8v4M10 14.4v.1"/>',
    "progress": '<circle cx="10" cy="10" r="3.6" class="glyph-fill"/>'
    '<circle cx="10" cy="10" r="7" class="glyph-track"/>',
    "bars": '<path class="glyph-fill" d="M4.5 3.5h4v13h-4zM11.5 3.5h4v13h-4z"/>',
    "dashed": '<circle cx="10" cy="10" r="7" class="glyph-line" stroke-dasharray="3.6 3.73"/>'
    '<circle cx="10" cy="10" r="2" class="glyph-fill"/>',
    "ring": _RING,
    "wrench": '<path class="glyph-line" d="M12.3 5.2a.8.8 0 0 0 0 1.2l1.3 1.3a.8.8 0 0 0 1.2 0l3-3'
    'a5 5 0 0 1-6.5 6.6l-5.8 5.8a1.8 1.8 0 0 1-2.6-2.6l5.8-5.8a5 5 0 0 1 6.6-6.5z"/>',
    "struck": '<circle cx="10" cy="10" r="6" class="glyph-line"/>'
    '<path class="glyph-line" d="M2.5 17.5l15-15"/>',
    "question": f'{_RING}<path class="glyph-line glyph-thin" d="M8.1 8.2a2 2 0 1 1 2.9 1.9c-.7.3-1 .8-1 1.5'
    'M10 13.8v.1"/>',
    "ring-dot": f'{_RING}<circle cx="10" cy="10" r="2.6" class="glyph-fill"/>',
    "clock": f'{_RING}<path class="glyph-line glyph-thin" d="M10 6.2V10l2.6 1.7"/>',
    "arrow": '<path class="glyph-line" d="M3 10h12M10.5 4.5 16 10l-5.5 5.5"/>',
    "check": '<circle cx="10" cy="10" r="8" class="glyph-fill"/>'
    '<path class="glyph-cut" d="m6.4 10.3 2.5 2.5 4.8-5.2"/>',
    "cross": '<path class="glyph-line glyph-bold" d="M4.5 4.5l11 11M15.5 4.5l-11 11"/>',
    "cross-box": '<rect x="2.5" y="2.5" width="15" height="15" rx="2" class="glyph-line"/>'
    '<path class="glyph-line" d="M7 7l6 6M13 7l-6 6"/>',
    "slash": '<circle cx="10" cy="10" r="8" class="glyph-fill"/><path class="glyph-cut" d="M6 14l8-8"/>',
    "plate": f'{_PLATE}<path class="glyph-line glyph-thin" d="M6.5 11.5l2.2 2 4.6-5"/>',
    "plate-full": f'{_PLATE}<path class="glyph-fill" d="M5.5 5.5h9v8h-9z"/>',
    "plate-unknown": '<path class="glyph-line" stroke-dasharray="2.4 2.6" d="M2.5 16h15"/>'
    '<path class="glyph-line glyph-thin" d="M8.1 5.2a2 2 0 1 1 2.9 1.9c-.7.3-1 .8-1 1.5M10 11.2v.1"/>',
    "drop": '<path class="glyph-fill" d="M10 2c3.2 3.8 5.2 6.6 5.2 9.3a5.2 5.2 0 0 1-10.4 0'
    'C4.8 8.6 6.8 5.8 10 2z"/>',
    "down": '<path class="glyph-line" d="M5 8l5 5 5-5"/>',
    "level": '<path class="glyph-line" d="M5 10h10"/>',
    "up": '<path class="glyph-line" d="M5 12l5-5 5 5"/>',
    "up-up": '<path class="glyph-line" d="M5 10l5-5 5 5M5 15.5l5-5 5 5"/>',
}


def fraction_of(value: object) -> float | None:
    """`value` as a number from 0 to 1; None if it is no number at all."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return min(1.0, max(0.0, number)) if number == number else None


def shape(name: str) -> SafeString:
    """The bare shape, to be set into another drawing; on a box of 20 by 20."""
    return mark_safe(SHAPES[name])  # noqa: S308  # constants


def glyph(name: str, fraction: float | None = None, size: int = 16) -> SafeString:
    """The shape as an SVG; `fraction` (0 to 1) fills the ring of "progress"."""
    body = SHAPES[name]
    if name == "progress":
        body += arc(0.0 if fraction is None else fraction, RADIUS, "glyph-line")
    return format_html(
        '<svg class="glyph" width="{}" height="{}" viewBox="0 0 20 20" aria-hidden="true">{}</svg>',
        size,
        size,
        mark_safe(body),  # noqa: S308  # made of the constants above and numbers
    )


def arc(fraction: float, radius: float, css: str, centre: float = 10, start: float = -90) -> str:
    """A part of a circle, clockwise from `start` (degrees; twelve o'clock)."""
    length = 2 * pi * radius
    at = f"{start:g} {centre:g} {centre:g}"
    return (
        f'<circle cx="{centre:g}" cy="{centre:g}" r="{radius:g}" class="{css}" '
        f'stroke-dasharray="{fraction * length:.2f} {length:.2f}" transform="rotate({at})"/>'
    )
