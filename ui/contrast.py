"""Contrast as WCAG 2.1 computes it, and what an accent has to be readable on. Colours are "#rrggbb"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings

LIGHT, DARK = "light", "dark"
# What a link, the active place and the primary button may lie on, as tokens.css names it.
SURFACES = ("page", "panel", "raised", "sunken", "hover", "selected")
TEXT = 4.5
HEX = re.compile(r"^#[0-9a-f]{6}$")
_TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
_STEPS = 256
_TOWARDS = {LIGHT: "#000000", DARK: "#ffffff"}
_HOVER = 0.25


@dataclass(frozen=True, slots=True)
class Weakest:
    """The surface on which a colour is read worst, and its contrast there."""

    surface: str
    contrast: float

    @property
    def is_enough(self) -> bool:
        return self.contrast >= TEXT

    @property
    def told(self) -> str:
        return told(self.contrast)


@cache
def tokens(theme: str) -> dict[str, str]:
    """Every token of tokens.css that is a pair of colours, in `theme`."""
    css = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    return {name: light if theme == LIGHT else dark for name, light, dark in _TOKEN.findall(css)}


def luminance(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def told(ratio: float) -> str:
    """With one digit, cut off and not rounded: 4.49 must not be told as 4.5."""
    return f"{int(ratio * 10) / 10:.1f}"


def weakest(colour: str, theme: str) -> Weakest:
    known = tokens(theme)
    return min((Weakest(one, contrast(colour, known[one])) for one in SURFACES), key=lambda one: one.contrast)


def text_on(colour: str) -> str:
    """White or black, whichever is read better on it; either has 4.5:1 at least on every colour there is."""
    return max("#ffffff", "#000000", key=lambda one: contrast(one, colour))


def nearest(colour: str, theme: str) -> str:
    """The shade of `colour` nearest to it that is readable in `theme`; itself if it is."""
    return next(one for one in _shades(colour, theme) if weakest(one, theme).is_enough)


def hovered(colour: str, theme: str) -> str:
    """The same a little further away from what it lies on, so that it is never read worse."""
    return _mixed(colour, _TOWARDS[theme], _HOVER)


def _shades(colour: str, theme: str) -> Iterator[str]:
    yield from (_mixed(colour, _TOWARDS[theme], at / _STEPS) for at in range(_STEPS + 1))


def _parts(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _mixed(one: str, other: str, share: float) -> str:
    """`one` with a `share` of `other`, from 0 to 1."""
    mixed = (a + (b - a) * share for a, b in zip(_parts(one), _parts(other), strict=True))
    return "#" + "".join(f"{round(part * 255):02x}" for part in mixed)
