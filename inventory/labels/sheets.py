"""Labels as a PDF: a sheet from any free place on, or one label a page."""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ui.lettering import BOLD, REGULAR, font

from .drawing import Box, Face, draw
from .formats import Format

MOST = 1000


def drawn(
    faces: Sequence[Face], layout: Format, *, start: int = 1, framed: bool = False, by: str = ""
) -> bytes:
    """The PDF. On a sheet the first label goes to place `start`, counted from 1, line by line.

    `framed` draws the labels' edges, to try on plain paper whether they meet the printer's.
    """
    font(REGULAR), font(BOLD)
    written = io.BytesIO()
    width, height = layout.page_size
    canvas = Canvas(written, pagesize=(width * mm, height * mm))
    canvas.setTitle("Labels")
    canvas.setAuthor(by)
    canvas.setCreator("O.D.I.N.")
    for count, face in enumerate(faces, start - 1):
        if count > start - 1 and count % layout.on_a_page == 0:
            canvas.showPage()
        left, top = layout.corner(count % layout.on_a_page)
        box = Box(left * mm, (height - top) * mm, layout.width * mm, layout.height * mm)
        draw(canvas, face, box)
        if framed:
            canvas.rect(box.left, box.top - box.height, box.width, box.height)
    canvas.save()
    return written.getvalue()
