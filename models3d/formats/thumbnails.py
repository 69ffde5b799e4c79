"""Pictures in print files, checked and turned into PNG."""

import base64
import binascii
import io
import itertools
import re
import struct

from PIL import Image, UnidentifiedImageError

LARGEST_PX = 1024
LARGEST_BYTES = 4 * 1024 * 1024
MOST_FRAMES = 32
BEGIN = re.compile(
    rb"^;[ \t]*thumbnail(?:_\w{1,8})? begin (\d{1,5}) ?x ?(\d{1,5}) \d+[^\n]*\n", re.MULTILINE | re.IGNORECASE
)
END = re.compile(rb"^(?:;[ \t]*thumbnail|[^;])", re.MULTILINE | re.IGNORECASE)


def largest(head: bytes) -> bytes:
    """The largest sound picture in a G-code's head of at most 1024 px, as PNG; b"" if there is none."""
    frames = [
        match for match in itertools.islice(BEGIN.finditer(head), MOST_FRAMES) if _size(match) <= LARGEST_PX
    ]
    frames.sort(key=_size, reverse=True)
    for frame in frames:
        end = END.search(head, frame.end())
        rows = (
            row.lstrip(b"; \t").strip()
            for row in head[frame.end() : end.start() if end else None].splitlines()
        )
        try:
            picture = base64.b64decode(b"".join(rows), validate=True)
        except binascii.Error:
            continue
        if png := as_png(picture):
            return png
    return b""


def as_png(picture: bytes) -> bytes:
    """A PNG, JPEG or QOI as PNG; b"" if it is damaged or larger than 1024 px."""
    if len(picture) > LARGEST_BYTES:
        return b""
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG", "QOI")) as image:
            if max(image.size) > LARGEST_PX:
                return b""
            image.load()
            if image.format == "PNG":
                return picture
            written = io.BytesIO()
            image.convert("RGBA" if image.mode == "RGBA" else "RGB").save(written, "PNG")
            return written.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error, IndexError, MemoryError):
        return b""


def shows_something(png: bytes) -> bool:
    """Whether a sound PNG has a pixel that can be seen; slicers without a screen write empty ones."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        _, most = image.convert("RGBA").getchannel("A").getextrema()
    return bool(most)


def _size(frame: re.Match[bytes]) -> int:
    return max(int(frame[1]), int(frame[2]))
