"""Text on paper and in pictures: a font that comes along, and what to write where it lacks a letter."""

import io
import tempfile
import unicodedata
from functools import cache
from pathlib import Path

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


@cache
def files() -> list[str]:
    """The font as files, for a library that takes no bytes; written once a process."""
    folder = Path(tempfile.mkdtemp(prefix="odin-fonts-"))
    paths = [folder / f"{code}.ttf" for code in _FILES.values()]
    for path, code in zip(paths, _FILES.values(), strict=True):
        path.write_bytes(pymupdf_fonts.myfont(code))
    return [str(path) for path in paths]


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
