"""QR codes that lead from a printer to its page."""

from dataclasses import dataclass
from functools import lru_cache

import segno
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on a printer: whose it is, where its code leads, and the code as SVG."""

    name: str
    location: str
    url: str
    code: SafeString


@lru_cache(maxsize=500)
def code_of(url: str) -> SafeString:
    """`url` as a QR code: an SVG that is as large as it is shown, black on white, with its quiet zone.

    Level M stays readable with 15 % of it scratched or covered.
    """
    drawn = segno.make(url, error="m", micro=False)
    svg = drawn.svg_inline(border=4, dark="#000", light="#fff", svgclass="code", omitsize=True)
    # Made of our own address by a library that writes numbers and colours only.
    return SafeString(svg)
