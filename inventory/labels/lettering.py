"""Text on labels: a font that comes along, and what to write where it lacks a letter."""

import io
import unicodedata
from functools import cache

import pymupdf_fonts
from anyascii import anyascii
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "odin", "odin-bold"
_FILES = {REGULAR: "notos", BOLD: "notosbo"}
# Written from right to left; these would need to be turned and joined.
_TURNED = frozenset({"R", "AL", "AN"})
CUT = "…"


@cache
def font(name: str) -> TTFont:
    """Noto Sans, known to reportlab afterwards: Latin, Greek and Cyrillic, embedded as far as it is used."""
    face = TTFont(name, io.BytesIO(pymupdf_fonts.myfont(_FILES[name])))
    pdfmetrics.registerFont(face)
    return face


def printable(text: str) -> str:
    """`text` in letters that the font has: others as one would spell them (北京 as BeiJing, 🔥 as :fire:)."""
    known = font(REGULAR).face.charToGlyph
    letters = [
        letter
        if ord(letter) in known and unicodedata.bidirectional(letter) not in _TURNED
        else anyascii(letter)
        for letter in unicodedata.normalize("NFC", " ".join(text.split()))
        if unicodedata.category(letter)[0] != "C"
    ]
    return " ".join("".join(letters).split())


def width_of(text: str, name: str, size: float) -> float:
    """In points, like `size`."""
    return float(pdfmetrics.stringWidth(text, font(name).fontName, size))


def shortened(text: str, name: str, size: float, room: float) -> str:
    """As much of `text` as there is room for, with an ellipsis for the rest."""
    if width_of(text, name, size) <= room:
        return text
    for length in range(len(text) - 1, 0, -1):
        cut = text[:length].rstrip() + CUT
        if width_of(cut, name, size) <= room:
            return cut
    return ""
