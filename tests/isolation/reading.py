"""What an answer says, whatever it is made of: headers, page, JSON, table, paper, file."""

import zlib
from typing import Any

import pypdfium2 as pdfium


def said_by(answer: Any) -> str:
    """All of the answer as text, the words of a PDF and of its headers too."""
    body = answer.getvalue() if answer.streaming else answer.content
    if answer.get("Content-Type", "").startswith("application/pdf") and body.startswith(b"%PDF"):
        body = _words_of(body).encode()
    elif answer.get("Content-Encoding") == "deflate":
        body = zlib.decompress(body)
    return f"{dict(answer.headers)} {answer.cookies} {body.decode(errors='replace')}"


def _words_of(pdf: bytes) -> str:
    return " ".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(pdf))
