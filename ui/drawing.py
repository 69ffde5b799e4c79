"""Small drawings in words of SVG: rings, bars, spools. Colours come by class or attribute, never by style."""

from math import pi

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .figures import percent
from .glyphs import arc, fraction_of, shape
from .marks import mark_of


def ring(
    fraction: object, state: object = "printing", size: int = 44, label: str = "", family: str = "printer"
) -> SafeString:
    """A progress ring in the state's tone: the per cent in its middle, or the state's shape if unknown."""
    share = fraction_of(fraction)
    ticks = (
        f'<circle cx="22" cy="22" r="21" class="ring-ticks" stroke-dasharray="1 {2 * pi * 21 / 12 - 1:.3f}"/>'
    )
    drawn = arc(share or 0.0, 17, "ring-arc", 22) if share else ""
    told = mark_of(family, state)
    text = str(told.word) if share is None else percent(share)
    middle = (
        format_html('<g transform="translate(12 12)" class="glyph">{}</g>', shape(told.shape))
        if share is None
        else format_html(
            '<text x="22" y="26" class="ring-text">{}</text>', text.split("\N{NO-BREAK SPACE}")[0]
        )
    )
    return format_html(
        '<svg class="ring" data-tone="{}" width="{}" height="{}" viewBox="0 0 44 44" '
        'role="img" aria-label="{}">'
        '{}<circle cx="22" cy="22" r="17" class="ring-track"/>{}'
        "{}</svg>",
        told.tone,
        size,
        size,
        f"{label} {text}".strip(),
        mark_safe(ticks),  # noqa: S308  # constants
        mark_safe(drawn),  # noqa: S308  # numbers
        middle,
    )


def bar(fraction: object, tone: str = "blue", label: str = "") -> SafeString:
    """A level as a scale with a tick at each quarter; `label` says of what, for readers."""
    share = fraction_of(fraction)
    return format_html(
        '<svg class="bar" data-tone="{}" width="100%" height="8" role="img" aria-label="{}">'
        '<rect class="bar-track" width="100%" height="6" rx="3"/>'
        '<rect class="bar-fill" width="{}%" height="6" rx="3"/>'
        '<rect class="bar-tick" x="25%" width="1" height="6"/>'
        '<rect class="bar-tick" x="50%" width="1" height="6"/>'
        '<rect class="bar-tick" x="75%" width="1" height="6"/></svg>',
        tone,
        f"{label} {percent(share)}".strip(),
        f"{(share or 0) * 100:.1f}",
    )


def hex_of(color: object) -> str:
    """A filament colour as #rrggbb, empty if it is none; the alpha of Bambu's RRGGBBAA is dropped."""
    digits = str(color or "").lstrip("#").lower()
    if len(digits) in (6, 8) and all(digit in "0123456789abcdef" for digit in digits):
        return f"#{digits[:6]}"
    return ""


def spool(color: object, fraction: object = None, size: int = 24, label: str = "") -> SafeString:
    """A spool: its colour as far as filament is left, outlined so that any colour is seen on any ground.

    An unknown colour is drawn pale; an unknown amount as a full spool.
    """
    share = fraction_of(fraction)
    left = 1.0 if share is None else share
    shade = hex_of(color)
    winding = (
        f'<g stroke="{shade}">{arc(left, 7, "spool-winding")}</g>' if shade else arc(left, 7, "spool-unknown")
    )
    # White on white and black on black are told from an empty spool by the edge round the winding.
    outline = arc(min(1.0, left + 0.04), 7, "spool-outline", start=-97) if left else ""
    amount = "" if share is None else _("%(share)s left") % {"share": percent(share)}
    told = " ".join(part for part in (label, amount) if part)
    naming = format_html('role="img" aria-label="{}"', told) if told else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="spool" width="{}" height="{}" viewBox="0 0 20 20" {}>'
        '<circle cx="10" cy="10" r="7" class="spool-empty"/>{}'
        '<circle cx="10" cy="10" r="9.2" class="spool-edge"/>'
        '<circle cx="10" cy="10" r="4.6" class="spool-edge"/></svg>',
        size,
        size,
        naming,
        mark_safe(outline + winding),  # noqa: S308  # hex digits checked by hex_of, else numbers
    )


def swatch(color: object, size: int = 14) -> SafeString:
    """A dot of a colour, outlined; always beside its name in words."""
    return format_html(
        '<svg class="swatch" width="{}" height="{}" viewBox="0 0 14 14" aria-hidden="true">'
        '<circle cx="7" cy="7" r="6" fill="{}" class="swatch-edge"/></svg>',
        size,
        size,
        hex_of(color) or "none",
    )
