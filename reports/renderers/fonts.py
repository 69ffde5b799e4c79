"""The one typeface of PDFs and pictures: Noto Sans, which has Latin, Greek and Cyrillic, from a package."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pymupdf_fonts
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "NotoSans", "NotoSans-Bold"
FILES = {PLAIN: "notos", BOLD: "notosbo"}
# What it lacks and can be told otherwise.
INSTEAD = {"\N{MINUS SIGN}": "\N{EN DASH}", "\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}"}


@cache
def files() -> dict[str, str]:
    """The fonts as files, which both libraries want; written once a process."""
    folder = Path(tempfile.mkdtemp(prefix="odin-fonts-"))
    paths = {}
    for name, code in FILES.items():
        path = folder / f"{name}.ttf"
        path.write_bytes(pymupdf_fonts.myfont(code))
        paths[name] = str(path)
    return paths


@cache
def known() -> frozenset[int]:
    """The code points that the typeface can draw; registers it with reportlab."""
    for name, path in files().items():
        pdfmetrics.registerFont(TTFont(name, path))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    face: Any = pdfmetrics.getFont(PLAIN)
    return frozenset(face.face.charToGlyph)


def drawable(text: str) -> str:
    """`text` with a question mark for each sign that the typeface lacks, and no controls.

    Marks that turn the direction of writing are controls too: a name must not turn around the line it is in.
    """
    drawn = []
    for sign in text:
        sign = INSTEAD.get(sign, sign)
        if sign == "\N{NO-BREAK SPACE}" or (sign.isprintable() and ord(sign) in known()):
            drawn.append(sign)
        elif sign.isspace():
            drawn.append(" ")
        elif sign.isprintable():
            drawn.append("?")
    return "".join(drawn)
